using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using McpPrompt = ModelContextProtocol.Protocol.Prompt;
using McpPromptMessage = ModelContextProtocol.Protocol.PromptMessage;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>The registry's prompts as those of an MCP server.</summary>
internal sealed class McpPrompts(PromptRegistry registry)
{
    // In a name: what stands after it is a version or a label.
    private const char Separator = '@';

    /// <summary>The prompts that a principal may use, with the variables of the version in production, or else the highest.</summary>
    public async Task<ListPromptsResult> ListAsync(Principal principal)
    {
        await registry.Loaded;
        return new ListPromptsResult
        {
            Prompts = [.. registry.Current.Prompts.Values.Where(prompt => principal.MayUse(prompt.Name)).OrderBy(prompt => prompt.Name, StringComparer.Ordinal).Select(Shown)],
            CacheScope = CacheScope.Private,
            TimeToLive = TimeSpan.Zero,
        };
    }

    /// <summary>The messages that a prompt becomes: of the version in force, or of the one that <c>name@v2</c> or <c>name@label</c> names.</summary>
    /// <exception cref="GatewayException">There is none, the principal may not use it, or values are missing or wrong.</exception>
    public async Task<GetPromptResult> GetAsync(Principal principal, GetPromptRequestParams? asked)
    {
        await registry.Loaded;
        var (name, chosen) = asked?.Name.Split(Separator, 2) switch
        {
            [var plain] => (plain, null),
            [var plain, var rest] => (plain, rest),
            _ => throw new GatewayException(ErrorCode.MissingParameter, "name is missing; expected the prompt's name.", "name"),
        };
        var isVersion = chosen is not null && VersionName.Parse(chosen) is not null;
        var version = registry.Find(name, principal).Choose(isVersion ? chosen : null, isVersion ? null : chosen, namesModel: false, request: null).Version;
        var values = PromptValues.Read(version, JsonElement.Parse(McpArguments.ToJson(asked.Arguments)), "arguments");
        return new GetPromptResult { Description = version.Description, Messages = [.. version.Render(values).Select(Told)] };
    }

    private static McpPrompt Shown(Gateway.Prompts.Prompt prompt)
    {
        var version = prompt.Production ?? prompt.Highest;
        return new McpPrompt
        {
            Name = prompt.Name,
            Description = version.Description,
            Arguments = [.. version.Variables.Select(variable => new PromptArgument { Name = variable.Name, Description = variable.Description, Required = variable.IsRequired })],
        };
    }

    // MCP knows two roles: instructions come from the user.
    private static McpPromptMessage Told(ChatMessage message) => new()
    {
        Role = message.Role == ChatRole.Assistant ? Role.Assistant : Role.User,
        Content = new TextContentBlock { Text = message.Text },
    };
}
