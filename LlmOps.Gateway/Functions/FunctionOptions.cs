using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Functions.BuiltIn;
using LlmOps.Gateway.Functions.Mcp;
using LlmOps.Gateway.Guardrails;

namespace LlmOps.Gateway.Functions;

/// <summary>Settings of the gateway's own tools.</summary>
internal sealed class FunctionOptions
{
    /// <summary>The section of these settings.</summary>
    public const string SectionName = "Gateway:Functions";

    /// <summary>The tools that models are offered where neither the key nor the model has a list of its own: names, with * at the end for all that begin so (docs__*). Empty: none. A request made from a prompt is offered what the prompt's tools name.</summary>
    public List<string> Offer { get; set; } = [];

    /// <summary>MCP servers by name; their tools are called NAME__TOOL.</summary>
    public Dictionary<string, ToolServerOptions> Servers { get; set; } = [];

    /// <summary>Whether MCP servers may be programs that the gateway starts (Servers:NAME:Command). They run with the gateway's rights.</summary>
    public bool AllowStdio { get; set; }

    /// <summary>The programs that may be started, as Servers:NAME:Command says them, letter by letter.</summary>
    public List<string> StdioCommands { get; set; } = [];

    /// <summary>The tools that the gateway brings along.</summary>
    public BuiltInOptions BuiltIn { get; set; } = new();

    /// <summary>What holds for single tools, by their name as models see it, with * at the end for all that begin so; of several entries the more exact one wins, setting by setting. (As variables cannot have __ in a name, set these in appsettings.json.)</summary>
    public Dictionary<string, ToolOptions> Tools { get; set; } = [];

    /// <summary>How long all calls of tools of a request may take together, those that run at the same time counted once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest a call of a tool may take, where Tools says nothing else.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most bytes of a result (UTF-8) that a model is told, where Tools says nothing else; of more it is told the beginning, with a note.</summary>
    [Range(256, 4 * 1024 * 1024)]
    public int MaxResultBytes { get; set; } = 64 * 1024;

    /// <summary>What becomes of what tools say that reads like an instruction to the model, on all routes. Enforced, such a result is withheld from the model, and a tool of an MCP server whose description or schema reads so is left out; monitored, it is counted or logged.</summary>
    public GuardrailMode ResultInjection { get; set; } = GuardrailMode.Enforce;

    /// <summary>How many times in one request a model may call tools of the gateway, and be given their results. Then it is asked once more, without tools.</summary>
    [Range(1, 64)]
    public int MaxIterations { get; set; } = 8;

    /// <summary>What the calls to providers of one request with tools may have cost, in US dollars: once it is that much, the model is asked once more, without tools. Of models without a price nobody knows. Unset: no limit but the budgets.</summary>
    [Range(0.0, 1_000_000.0)]
    public float? MaxCostUsd { get; set; }

    /// <summary>Tools that run at the same time for one request.</summary>
    [Range(1, 128)]
    public int MaxParallelCalls { get; set; } = 8;

    /// <summary>How long calls that wait for their caller are kept, with the results of those made beside them, since they were last used.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan KeptTimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Memory for them, in bytes, of which one takes half at most; those that were used last the longest ago make way first, which the metrics count. With Redis they are there as well.</summary>
    [Range(typeof(long), "16777216", "1099511627776")]
    public long KeptMemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Adds what is wrong with them.</summary>
    public void Validate(List<string> faults)
    {
        CheckPatterns($"{SectionName}:{nameof(Offer)}", Offer, faults);
        CheckPatterns($"{SectionName}:{nameof(Tools)}", Tools.Keys, faults);
        foreach (var (name, server) in Servers)
        {
            server.Validate(name, this, faults);
        }

        BuiltIn.Validate(faults);
    }

    /// <summary>What holds for a tool.</summary>
    public ToolOptions Of(string tool)
    {
        var found = new ToolOptions { Timeout = CallTimeout, MaxResultBytes = MaxResultBytes };
        if (Tools.Count > 0)
        {
            // The more exact one last: it wins. A whole name is more exact than a beginning.
            foreach (var (_, options) in Tools.Where(entry => Access.Principal.Allows([entry.Key], tool)).OrderBy(entry => entry.Key.EndsWith('*') ? entry.Key.Length : int.MaxValue))
            {
                found.Take(options);
            }
        }

        return found;
    }

    /// <summary>Adds a fault for each that is no pattern.</summary>
    public static void CheckPatterns(string key, IEnumerable<string> patterns, List<string> faults) =>
        faults.AddRange(patterns.Where(pattern => !ToolName.IsPattern(pattern)).Select(pattern => $"{key} has '{pattern}'; expected {ToolName.PatternForm}."));
}

/// <summary>What holds for a tool; what is unset is as elsewhere.</summary>
internal sealed class ToolOptions
{
    /// <summary>Longest a call may take. Unset: Gateway:Functions:CallTimeout.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan? Timeout { get; set; }

    /// <summary>The most calls per minute, of all callers together; over all replicas where there is a Redis. Unset: no limit.</summary>
    [Range(1, 1_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>Whether the caller is asked before each call; such a tool is offered on /v1/chat/completions alone. Unset: as its server says, else false.</summary>
    public bool? Approval { get; set; }

    /// <summary>Whether an answer that it took part in may be given again from the cache. Unset: as its server says, else for calculator alone.</summary>
    public bool? Cacheable { get; set; }

    /// <summary>The most bytes of a result that a model is told. Unset: Gateway:Functions:MaxResultBytes.</summary>
    [Range(256, 4 * 1024 * 1024)]
    public int? MaxResultBytes { get; set; }

    /// <summary>Takes over what another one sets.</summary>
    public void Take(ToolOptions other)
    {
        Timeout = other.Timeout ?? Timeout;
        RequestsPerMinute = other.RequestsPerMinute ?? RequestsPerMinute;
        Approval = other.Approval ?? Approval;
        Cacheable = other.Cacheable ?? Cacheable;
        MaxResultBytes = other.MaxResultBytes ?? MaxResultBytes;
    }
}
