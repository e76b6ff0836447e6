using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Records;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmOps.Gateway.Prompts;

/// <summary>
/// Holds the prompts in force. A change of the folder, or of what the database says of labels and experiments, is built into a
/// new set and swapped in at once; what of it cannot be taken is told, and what was in force goes on.
/// </summary>
internal sealed partial class PromptRegistry : IHostedService, IHealthCheck, IDisposable
{
    private readonly PromptFolder _folder;
    private readonly PromptRecords _records;
    private readonly PromptSources _sources;
    private readonly GatewayConfiguration _configuration;
    private readonly ILogger<PromptRegistry> _logger;
    private readonly FolderWatch _watch;
    private readonly Lock _build = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile PromptSet _current = PromptSet.Empty;
    private PromptFolderContent _content = PromptFolderContent.Empty;
    private IReadOnlyList<PromptFault> _sourceFaults = [];

    public PromptRegistry(PromptRecords records, PromptSources sources, GatewayConfiguration configuration, TimeProvider time, ILogger<PromptRegistry> logger)
    {
        (_records, _sources, _configuration, _logger) = (records, sources, configuration, logger);
        _folder = new PromptFolder(configuration.Current.Options.Prompts.FullPath(), time);
        _watch = new FolderWatch(_folder.Path, time, () => LookAsync(atOnce: false), logger);
        _records.WhenRead = Build;
    }

    /// <summary>The prompts in force.</summary>
    public PromptSet Current => _current;

    /// <summary>The database that cannot be asked, so that moves by others may not be known here; null while all is well.</summary>
    public string? Missing => _records.Missing;

    /// <summary>Ends, soon after the start, when prompts are in force, and the database knows what files and the environment said, or cannot be told. Whoever needs a prompt waits for it.</summary>
    public Task Loaded { get; private set; } = Task.CompletedTask;

    /// <summary>The folder that they are read from.</summary>
    public string Folder => _folder.Path;

    /// <summary>A prompt that a principal may use.</summary>
    /// <exception cref="GatewayException">403: it may not; 404: there is none of that name.</exception>
    public Prompt Find(string name, Principal principal) =>
        !principal.MayUse(name) ? throw new GatewayException(ErrorCode.PermissionDenied, $"This key may not use prompt '{Shown.Short(name)}'.", "prompt")
        : Find(name);

    /// <summary>A prompt.</summary>
    /// <exception cref="GatewayException">404: there is none of that name.</exception>
    public Prompt Find(string name) =>
        _current.Prompts.GetValueOrDefault(name) ?? throw new GatewayException(ErrorCode.PromptNotFound, $"There is no prompt '{Shown.Short(name)}'; GET /prompts lists those that there are.", "prompt");

    /// <summary>Reads the folder now, whatever is being written there, and has in force what can be taken.</summary>
    public Task ReloadAsync() => LookAsync(atOnce: true);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Compiling what reads YAML takes longer than much of the rest of a start, which need not wait for it.
        Loaded = Task.Run(LoadAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Loaded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _watch.StopAsync();
        await _records.StopAsync();
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((_current.Faults, _records.Fault) switch
        {
            ({ Count: > 0 } faults, _) => HealthCheckResult.Degraded($"{faults.Count} faults in prompts, GET /admin/prompts and the log have them: {faults[0]}"),
            (_, { } fault) => HealthCheckResult.Degraded($"labels and experiments as they were: {fault}"),
            _ => HealthCheckResult.Healthy($"{_current.Prompts.Count} prompts"),
        });

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _turn.Dispose();
    }

    private async Task LoadAsync()
    {
        await _records.StartAsync(CancellationToken.None);
        await LookAsync(atOnce: true);
        _watch.Start();
    }

    // Whether nothing is being written, so that there is no need to look again soon.
    private async Task<bool> LookAsync(bool atOnce)
    {
        await _turn.WaitAsync();
        var content = PromptFolderContent.Empty;
        try
        {
            content = _folder.Read(atOnce);
            lock (_build)
            {
                _content = content;
            }

            Build();

            // What files and the environment say of labels counts once the database knows it.
            var faults = await _sources.TellAsync(content, _configuration.Current.Options.Prompts.Production);
            lock (_build)
            {
                _sourceFaults = faults;
            }

            Build();
            return content.IsSettled;
        }
        catch (DatabaseException)
        {
            // Health tells of it; the next look tries again.
            return content.IsSettled;
        }
        catch (Exception exception)
        {
            // Whatever it is, what is in force goes on, and the next look tries again.
            LogFailed(exception, _folder.Path);
            lock (_build)
            {
                _sourceFaults = [new PromptFault(null, null, null, $"The prompts folder could not be taken in ({exception.GetType().Name}); the log has more.")];
            }

            Build();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Build()
    {
        lock (_build)
        {
            var before = _current;
            var set = PromptSet.Build(_content, _records.Current, PromptSources.ProductionOf(_content, _configuration.Current.Options.Prompts.Production), before);
            _current = set = set with { Faults = [.. set.Faults, .. _sourceFaults] };
            Tell(before, set);
        }
    }

    private void Tell(PromptSet before, PromptSet now)
    {
        foreach (var fault in now.Faults.Except(before.Faults))
        {
            LogFault(fault.ToString());
        }

        foreach (var prompt in now.Prompts.Values)
        {
            var known = before.Prompts.GetValueOrDefault(prompt.Name);
            foreach (var version in prompt.Versions.Values.Where(version => known?.Versions.GetValueOrDefault(version.Number)?.ContentHash != version.ContentHash))
            {
                LogLoaded(prompt.Name, version.Name, version.ContentHash);
            }

            foreach (var number in prompt.Changed.Where(number => known?.Changed.Contains(number) != true || known.Versions.GetValueOrDefault(number)?.ContentHash != prompt.Versions[number].ContentHash))
            {
                LogChanged(prompt.Name, VersionName.Of(number));
            }
        }

        foreach (var gone in before.Prompts.Keys.Except(now.Prompts.Keys))
        {
            LogGone(gone);
        }
    }

    [LoggerMessage(LogLevel.Information, "Prompt {Prompt} {Version} is loaded ({ContentHash}).")]
    private partial void LogLoaded(string prompt, string version, string contentHash);

    [LoggerMessage(LogLevel.Warning, "The text of prompt {Prompt} {Version} is another one than it was first: what was measured of it does not hold for it. A new text is a new version.")]
    private partial void LogChanged(string prompt, string version);

    [LoggerMessage(LogLevel.Information, "Prompt {Prompt} is gone.")]
    private partial void LogGone(string prompt);

    [LoggerMessage(LogLevel.Error, "The prompts folder {Path} could not be taken in; it is tried again.")]
    private partial void LogFailed(Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "A fault in prompts; what was in force goes on. {Fault}")]
    private partial void LogFault(string fault);
}
