using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>Makes the messages of a request from a prompt, whichever of the APIs it came by.</summary>
internal sealed partial class PromptRenderer(PromptRegistry registry, ILogger<PromptRenderer> logger)
{
    /// <summary>Chooses the version, notes it in the request's facts, and puts values in their places.</summary>
    /// <param name="facts">The request.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="version">The version that it asks for; null for none.</param>
    /// <param name="label">The label that it asks for; null for none.</param>
    /// <param name="namesModel">Whether it names its model.</param>
    /// <param name="values">Gives values to the version's variables.</param>
    /// <exception cref="Errors.GatewayException">It cannot be made.</exception>
    public async ValueTask<(PromptUse Use, List<ChatMessage> Messages)> RenderAsync(
        GatewayRequest facts, string name, string? version, string? label, bool namesModel, Func<PromptVersion, IReadOnlyDictionary<string, string>> values)
    {
        await registry.Loaded;
        var prompt = registry.Find(name, facts.Principal);
        if (registry.Missing is { } database)
        {
            facts.DoWithout(database);
        }

        var use = prompt.Choose(version, label, namesModel, facts);
        facts.MakeFrom(use.Version.Identity with { Exposure = use.Exposure });
        var messages = use.Version.Render(values(use.Version));
        LogRendered(name, use.Version.Name, messages.Count);
        return (use, messages);
    }

    [LoggerMessage(LogLevel.Debug, "Prompt {Prompt} {Version} is rendered: {Messages} messages.")]
    private partial void LogRendered(string prompt, string version, int messages);
}
