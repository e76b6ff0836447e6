using System.ComponentModel.DataAnnotations;
using System.Net.Http.Headers;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>An MCP server: an address (Url), or a program that the gateway starts (Command).</summary>
internal sealed class ToolServerOptions
{
    /// <summary>Its address for streamable HTTP, such as https://mcp.example.com/mcp. Redirects are not followed.</summary>
    public Uri? Url { get; set; }

    /// <summary>Sent as Authorization: Bearer. Unset: none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>Further headers of each request to it, by their names.</summary>
    public Dictionary<string, Secret> Headers { get; set; } = [];

    /// <summary>The program of a server over stdio; Gateway:Functions:AllowStdio must be on, and StdioCommands have it.</summary>
    public string? Command { get; set; }

    /// <summary>Its arguments.</summary>
    public List<string> Arguments { get; set; } = [];

    /// <summary>Its environment variables, beside PATH, HOME, USER, LOGNAME, SHELL and TERM (on Windows the like), which it has of the gateway; it has no others.</summary>
    public Dictionary<string, Secret> Environment { get; set; } = [];

    /// <summary>The tools of it that there are, by its own names, with * at the end for all that begin so. Empty: all.</summary>
    public List<string> Tools { get; set; } = [];

    /// <summary>Those whose calls the caller is asked about, in the same form.</summary>
    public List<string> Approval { get; set; } = [];

    /// <summary>Those whose results hold for others too, so that answers they took part in may be cached, in the same form.</summary>
    public List<string> Cacheable { get; set; } = [];

    /// <summary>Longest that connecting and asking for its tools may take together.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long its list of tools is used before it is asked for anew, in the background; when it says that the list has changed, it is so at once.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RefreshAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether another one leads to the same server in the same way, so that its connection can be kept.</summary>
    public bool IsSameServer(ToolServerOptions other) =>
        Url == other.Url && Command == other.Command && Arguments.SequenceEqual(other.Arguments)
        && ApiKey?.Reveal() == other.ApiKey?.Reveal() && AreSame(Headers, other.Headers) && AreSame(Environment, other.Environment);

    /// <summary>Adds what is wrong with it.</summary>
    public void Validate(string name, FunctionOptions functions, List<string> faults)
    {
        var key = $"{FunctionOptions.SectionName}:{nameof(FunctionOptions.Servers)}:{name}";
        if (!ToolName.IsServer(name))
        {
            faults.Add($"{FunctionOptions.SectionName}:{nameof(FunctionOptions.Servers)} has '{name}'; expected a name of {ToolName.ServerForm}.");
        }

        if (Url is null == Command is null)
        {
            faults.Add($"{key} has {(Url is null ? "neither Url nor Command" : "both Url and Command")}; expected one of them.");
        }

        if (Url is { UserInfo.Length: > 0 })
        {
            faults.Add($"{key}:{nameof(Url)} has a user or password in it; expected it in {nameof(ApiKey)} or {nameof(Headers)}.");
        }

        ValidateCommand(key, functions, faults);
        ValidateHeaders(key, faults);
        if (Url is null && (ApiKey is not null || Headers.Count > 0))
        {
            faults.Add($"{key} has {nameof(ApiKey)} or {nameof(Headers)} without {nameof(Url)}; expected them beside it.");
        }

        foreach (var list in (string[])[nameof(Tools), nameof(Approval), nameof(Cacheable)])
        {
            var patterns = list switch { nameof(Tools) => Tools, nameof(Approval) => Approval, _ => Cacheable };
            if (patterns.Exists(string.IsNullOrWhiteSpace))
            {
                faults.Add($"{key}:{list} has an empty entry; expected the server's name of a tool, with * at the end for all that begin so.");
            }
        }
    }

    private void ValidateCommand(string key, FunctionOptions functions, List<string> faults)
    {
        if (Command is null)
        {
            if (Arguments.Count > 0 || Environment.Count > 0)
            {
                faults.Add($"{key} has {nameof(Arguments)} or {nameof(Environment)} without {nameof(Command)}; expected them beside it.");
            }

            return;
        }

        if (!functions.AllowStdio)
        {
            faults.Add($"{key}:{nameof(Command)} is set, but programs are not started; expected {FunctionOptions.SectionName}:{nameof(FunctionOptions.AllowStdio)} to be true, or a {nameof(Url)}.");
        }
        else if (!functions.StdioCommands.Contains(Command, StringComparer.Ordinal))
        {
            faults.Add($"{key}:{nameof(Command)} is '{Command}'; expected one of {FunctionOptions.SectionName}:{nameof(FunctionOptions.StdioCommands)}: {(functions.StdioCommands.Count == 0 ? "there is none" : string.Join(", ", functions.StdioCommands))}.");
        }

        faults.AddRange(Environment.Keys.Where(variable => variable.Contains('=')).Select(variable => $"{key}:{nameof(Environment)} has '{variable}'; expected a name without =."));
    }

    private void ValidateHeaders(string key, List<string> faults)
    {
        using var message = new HttpRequestMessage();
        foreach (var (name, value) in Headers)
        {
            if (!IsHeader(message.Headers, name, value.Reveal()))
            {
                faults.Add($"{key}:{nameof(Headers)}:{name} cannot be sent; expected the name of a request header, and a value on one line.");
            }
            else if (ApiKey is not null && name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{key}:{nameof(Headers)}:{name} is there beside {nameof(ApiKey)}; expected one of them.");
            }
        }

        if (ApiKey is not null && !IsHeader(message.Headers, "Authorization", $"Bearer {ApiKey.Reveal()}"))
        {
            faults.Add($"{key}:{nameof(ApiKey)} cannot be sent; expected a text on one line.");
        }
    }

    private static bool IsHeader(HttpRequestHeaders headers, string name, string value) =>
        !value.AsSpan().ContainsAny('\r', '\n', '\0') && headers.TryAddWithoutValidation(name, value);

    private static bool AreSame(Dictionary<string, Secret> some, Dictionary<string, Secret> others) =>
        some.Count == others.Count && some.All(pair => others.TryGetValue(pair.Key, out var other) && other.Reveal() == pair.Value.Reveal());
}
