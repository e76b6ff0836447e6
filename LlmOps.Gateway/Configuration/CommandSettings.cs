namespace LlmOps.Gateway.Configuration;

/// <summary>The gateway's configuration for a command that runs no gateway: the same sources, and the sections that it needs.</summary>
internal sealed class CommandSettings
{
    private readonly List<string> _faults;
    private readonly OptionsReader _reader;

    /// <param name="settings">Further settings, as the gateway takes them on its command line.</param>
    public CommandSettings(IEnumerable<string> settings)
    {
        var builder = WebApplication.CreateBuilder([ConfigurationFiles.WithoutWatching, .. settings]);
        builder.Configuration.AddGatewaySources(builder.Environment.ContentRootPath);
        Configuration = builder.Configuration;
        _faults = [.. ConfigurationFiles.Faults(builder.Configuration)];
        _reader = new OptionsReader(_faults);
    }

    /// <summary>All of it.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>What is wrong in the files, and in what was read so far.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>A section of the gateway's.</summary>
    /// <param name="name">Its name, such as Telemetry.</param>
    public T Read<T>(string name)
        where T : class, new() =>
        _reader.Read<T>(Configuration, $"{GatewayOptions.SectionName}:{name}");
}
