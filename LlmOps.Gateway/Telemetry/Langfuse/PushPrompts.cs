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

    /// <summary>Pushes what the configuration names.</summary>
    /// <param name="settings">Further settings, as the gateway takes them on its command line.</param>
    /// <returns>The exit code: 0, or 1 where something could not be pushed.</returns>
    public static async Task<int> RunAsync(string[] settings)
    {
        try
        {
            var configured = new CommandSettings(settings);
            var telemetry = configured.Read<TelemetryOptions>(nameof(GatewayOptions.Telemetry));
            var folder = configured.Read<PromptOptions>(nameof(GatewayOptions.Prompts)).FullPath();
            using var api = LangfuseApi.Of(telemetry.Langfuse, telemetry.Delivery.Timeout);
            List<string> faults = [.. configured.Faults, .. telemetry.Langfuse.Missing()];
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
