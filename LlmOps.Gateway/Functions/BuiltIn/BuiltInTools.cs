using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Providers.Offline.Maths;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions.BuiltIn;

/// <summary>The tools that the gateway brings along. Their schemas are made from the methods below.</summary>
internal sealed class BuiltInTools : IToolSource
{
    /// <summary>What they are called together.</summary>
    public const string SourceName = "built_in";

    private const int LongestExpression = 1_000;

    private readonly HttpGetOptions _hosts;
    private readonly HttpGet _httpGet;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, AIFunction> _functions;
    private readonly IReadOnlyList<ServerTool> _tools;

    /// <summary>Those that a configuration has.</summary>
    public BuiltInTools(FunctionOptions options, HttpGet httpGet, TimeProvider time)
    {
        (_hosts, _httpGet, _time) = (options.BuiltIn.HttpGet, httpGet, time);
        AIFunction[] functions =
        [
            .. options.BuiltIn.CurrentTime ? (AIFunction[])[Create(CurrentTime, "current_time", "Tells the current date and time.")] : [],
            .. options.BuiltIn.Calculator ? (AIFunction[])[Create(Calculate, "calculator", "Works out an arithmetic expression exactly.")] : [],
            .. _hosts.Hosts.Count > 0 ? (AIFunction[])[Create(GetAsync, "http_get", $"Gets the text of a page by HTTP GET. Hosts that can be asked: {string.Join(", ", _hosts.Hosts)}.")] : [],
        ];
        _functions = functions.ToDictionary(function => function.Name, StringComparer.Ordinal);
        _tools = [.. functions.Select(function => ToolOf(function, options.Of(function.Name)))];
    }

    /// <inheritdoc/>
    public string Name => SourceName;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _tools.Count == 0;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ServerTool>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_tools);

    /// <inheritdoc/>
    public async ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        var given = new AIFunctionArguments(arguments.EnumerateObject().ToDictionary(argument => argument.Name, argument => (object?)argument.Value, StringComparer.Ordinal));
        return await _functions[tool.Name].InvokeAsync(given, cancellationToken) is ToolResult result ? result : throw new InvalidOperationException($"{tool.Name} has no result.");
    }

    // The result is the method's own, not JSON of it.
    private static AIFunction Create(Delegate method, string name, string description) =>
        AIFunctionFactory.Create(method, new AIFunctionFactoryOptions { Name = name, Description = description, MarshalResult = (result, _, _) => ValueTask.FromResult(result) });

    private ServerTool ToolOf(AIFunction function, ToolOptions options) => new(this, function.Name, function.Description, function.JsonSchema)
    {
        NeedsApproval = options.Approval ?? false,

        // The same question has the same answer tomorrow.
        IsCacheable = options.Cacheable ?? function.Name == "calculator",
    };

    private ToolResult CurrentTime([Description("An IANA time zone such as Europe/Berlin; UTC if absent.")] string? time_zone = null)
    {
        TimeZoneInfo? zone = TimeZoneInfo.Utc;
        if (!string.IsNullOrWhiteSpace(time_zone) && !TimeZoneInfo.TryFindSystemTimeZoneById(time_zone, out zone))
        {
            return new ToolResult($"'{Errors.Shown.Short(time_zone)}' is no time zone; expected an IANA name such as Europe/Berlin.", IsError: true);
        }

        var now = TimeZoneInfo.ConvertTime(_time.GetUtcNow(), zone);
        return new ToolResult(now.ToString("yyyy-MM-dd'T'HH:mm:sszzz, dddd", CultureInfo.InvariantCulture) + $" ({zone.Id})", IsError: false);
    }

    private static ToolResult Calculate([Description("Numbers with + - * / ^ ( ) % mod sqrt, such as 2 * (3 + 4)^2.")] string expression)
    {
        if (expression.Length > LongestExpression)
        {
            return new ToolResult($"The expression has {expression.Length} characters; expected at most {LongestExpression}.", IsError: true);
        }

        if (ArithmeticParser.Calculate(ArithmeticLexer.Read(expression)) is not { } calculation)
        {
            return new ToolResult("That is no arithmetic expression; expected numbers with + - * / ^ ( ) % mod sqrt.", IsError: true);
        }

        return calculation.Fault is { } fault
            ? new ToolResult($"{calculation.Expression} cannot be calculated: {fault}.", IsError: true)
            : new ToolResult(calculation.Exact ? calculation.Value.ToText().Text : calculation.Value.ToText(10).Text, IsError: false);
    }

    private async Task<ToolResult> GetAsync([Description("An absolute http or https URL.")] string url, CancellationToken cancellationToken) => await _httpGet.GetAsync(url, _hosts, cancellationToken);
}
