using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>The command that pushes the prompts folder to Langfuse's registry.</summary>
internal static class PushPrompts
{
    /// <summary>The word that asks for it.</summary>
    public const string Verb = "push-prompts";

    private const string TelemetryKey = $"{GatewayOptions.SectionName}:{nameof(GatewayOptions.Telemetry)}";
    private const string PromptsKey = $"{GatewayOptions.SectionName}:{nameof(GatewayOptions.Prompts)}";

    /// <summary>Pushes what the configuration names.</summary>
    /// <param name="settings">Further settings, as the gateway takes them on its command line.</param>
    /// <returns>The exit code: 0, or 1 where something could not be pushed.</returns>
    public static async Task<int> RunAsync(string[] settings)
    {
        try
        {
            var builder = WebApplication.CreateBuilder([ConfigurationFiles.WithoutWatching, .. settings]);
            builder.Configuration.AddGatewaySources(builder.Environment.ContentRootPath);
            var faults = new List<string>(ConfigurationFiles.Faults(builder.Configuration));
            var reader = new OptionsReader(faults);
            var telemetry = reader.Read<TelemetryOptions>(builder.Configuration, TelemetryKey);
            var folder = reader.Read<PromptOptions>(builder.Configuration, PromptsKey).FullPath();
            using var api = LangfuseApi.Of(telemetry.Langfuse, telemetry.Delivery.Timeout);
            faults.AddRange(new[] { (nameof(LangfuseOptions.PublicKey), telemetry.Langfuse.PublicKey is null), (nameof(LangfuseOptions.SecretKey), telemetry.Langfuse.SecretKey is null) }
                .Where(key => key.Item2).Select(key => $"{EnvironmentNames.Describe($"{TelemetryKey}:{nameof(TelemetryOptions.Langfuse)}:{key.Item1}")} is missing."));
            return faults.Count > 0 || api is null ? throw new ConfigurationException(faults) : await PushAsync(api, folder);
        }
        catch (Exception exception) when (exception is ConfigurationException or InvalidDataException or SinkException or BatchRefusedException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task<int> PushAsync(LangfuseApi api, string folder)
    {
        var content = new PromptFolder(folder, TimeProvider.System).Read(atOnce: true);
        foreach (var fault in content.Faults)
        {
            await Console.Error.WriteLineAsync(fault.ToString());
        }

        if (content.Prompts.Count == 0)
        {
            await Console.Error.WriteLineAsync($"There are no prompts in {folder}.");
            return 1;
        }

        await new PromptPush(api, await api.FindVersionAsync(default), Console.Out).RunAsync(content);
        return content.Faults.Count == 0 ? 0 : 1;
    }
}
