using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>What a server lists, as tools of the gateway.</summary>
/// <param name="all">The tools that there are to be, with what holds for them.</param>
/// <param name="leftOut">Those that are left out though the operator has them.</param>
/// <param name="suspect">Names of those that are not, though what they say of themselves reads like an instruction.</param>
internal sealed partial class McpTools(IReadOnlyList<ServerTool> all, IReadOnlyList<LeftOutTool> leftOut, IReadOnlyList<string> suspect)
{
    /// <summary>None.</summary>
    public static McpTools Empty { get; } = new([], [], []);

    /// <summary>The tools that there are to be, with what holds for them.</summary>
    public IReadOnlyList<ServerTool> All => all;

    /// <summary>Those that are left out though the operator has them.</summary>
    public IReadOnlyList<LeftOutTool> LeftOut => leftOut;

    /// <summary>The tools of a list.</summary>
    /// <param name="server">Whose it is.</param>
    /// <param name="list">The list.</param>
    /// <param name="functions">What holds for tools.</param>
    public static McpTools Of(McpServer server, McpList list, FunctionOptions functions)
    {
        var (options, names) = (server.Options, new HashSet<string>(StringComparer.Ordinal));
        List<ServerTool> tools = [];
        List<LeftOutTool> leftOut = [.. list.LeftOut];
        List<string> suspect = [];
        foreach (var (tool, isAttack) in list.Tools.Where(listed => options.Tools.Count == 0 || Principal.Allows(options.Tools, listed.Tool.Name)))
        {
            var name = ToolName.Of(server.Name, tool.Name);
            if (isAttack && functions.ResultInjection == GuardrailMode.Enforce)
            {
                leftOut.Add(new LeftOutTool(Shown.Short(tool.Name), $"what it says of itself reads like an instruction to the model ({GuardrailRules.PromptInjection})"));
            }
            else if (!names.Add(name))
            {
                leftOut.Add(new LeftOutTool(Shown.Short(tool.Name), $"it would be called {name}, as another one is"));
            }
            else
            {
                var rules = functions.Of(name);
                tools.Add(new ServerTool(server, name, Description(tool), tool.InputSchema)
                {
                    SourceName = tool.Name,
                    NeedsApproval = rules.Approval ?? Principal.Allows(options.Approval, tool.Name),
                    IsCacheable = rules.Cacheable ?? Principal.Allows(options.Cacheable, tool.Name),
                });
                if (isAttack && functions.ResultInjection == GuardrailMode.Monitor)
                {
                    suspect.Add(name);
                }
            }
        }

        return new McpTools(tools, leftOut, suspect);
    }

    /// <summary>What models are told that a tool does.</summary>
    public static string Description(Tool tool) => tool.Description ?? tool.Title ?? "";

    /// <summary>Logs which of them are left out or suspect, and which are called without a look at their arguments.</summary>
    public void Tell(string server, ILogger logger)
    {
        foreach (var tool in all)
        {
            if (tool.SchemaFault is { } fault)
            {
                LogUnchecked(logger, tool.Name, fault);
            }
        }

        foreach (var name in suspect)
        {
            LogSuspect(logger, name);
        }

        foreach (var (name, reason) in leftOut)
        {
            LogLeftOut(logger, name, server, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Arguments of tool {Tool} are not checked before a call. {Reason}")]
    private static partial void LogUnchecked(ILogger logger, string tool, string reason);

    [LoggerMessage(LogLevel.Warning, "What tool {Tool} says of itself reads like an instruction to the model; it is offered all the same.")]
    private static partial void LogSuspect(ILogger logger, string tool);

    [LoggerMessage(LogLevel.Warning, "Tool {Tool} of MCP server {Server} is left out: {Reason}.")]
    private static partial void LogLeftOut(ILogger logger, string tool, string server, string reason);
}

/// <summary>A tool that a server has, and that nobody is offered.</summary>
/// <param name="Name">The server's own name for it.</param>
/// <param name="Reason">Why.</param>
internal sealed record LeftOutTool(string Name, string Reason);
