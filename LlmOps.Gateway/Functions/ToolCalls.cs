using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// Carries out calls of tools: arguments that fit, no secrets in them, not too often, not for too long, not to a server that
/// fails, and a result that is small and harmless. What goes wrong is the call's result, for the model.
/// </summary>
internal sealed partial class ToolCalls(ILimitStore limits, ToolGuard guard, ToolStatistics statistics, AuditLog audit, TimeProvider time, ILogger<ToolCalls> logger)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly JsonDocumentOptions NamesOnce = new() { AllowDuplicateProperties = false };
    private static readonly JsonElement NoArguments = JsonElement.Parse("{}");

    /// <summary>Carries out a call that a model has made.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments, as the model wrote them.</param>
    /// <param name="request">For whom.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<ToolResult> RunAsync(ServerTool tool, string arguments, GatewayRequest request, CancellationToken cancellationToken)
    {
        var (startedAt, outcome) = (time.GetTimestamp(), ToolErrors.Failed);
        try
        {
            var result = await CheckAsync(tool, arguments, request, cancellationToken);
            outcome = result.IsError ? result.ErrorType ?? ToolErrors.Tool : ToolErrors.None;
            return result with { ErrorType = result.IsError ? outcome : null };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = ToolErrors.Cancelled;
            throw;
        }
        finally
        {
            var took = time.GetElapsedTime(startedAt);
            statistics.Called(tool.Name, outcome, took);
            audit.Called(request.Principal, tool.Name, outcome, Math.Round(took.TotalMilliseconds, 1));
        }
    }

    // What is wrong with a call before anybody is called.
    private async ValueTask<ToolResult> CheckAsync(ServerTool tool, string arguments, GatewayRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Parse(arguments) is not { } parsed)
        {
            return Error(ToolErrors.Arguments, $"The arguments of {tool.Name} are no JSON object with each name once; expected one that fits its schema.");
        }

        if (tool.FaultsOf(parsed) is { Count: > 0 } faults)
        {
            return Error(ToolErrors.Arguments, $"The arguments of {tool.Name} do not fit its schema: {string.Join("; ", faults)}.");
        }

        if (guard.AgainstArguments(parsed, request) is { } rule)
        {
            return Error(ToolErrors.Guardrail, $"{tool.Name} was not called: the guardrail {rule} forbids what the arguments contain.");
        }

        var options = request.Configuration.Options.Functions.Of(tool.Name);
        return await TakeAsync(tool, options, request) is { } refusal ? refusal : await CallAsync(tool, parsed, options, request, cancellationToken);
    }

    private async ValueTask<ToolResult?> TakeAsync(ServerTool tool, ToolOptions options, GatewayRequest request)
    {
        if (options.RequestsPerMinute is not { } most)
        {
            return null;
        }

        var taking = LimitTaking.Of(new Limit($"tool:{tool.Name}", LimitUnit.Requests, most, Minute));
        return await limits.TakeAsync(taking) is { Wait: var wait }
            ? Error(ToolErrors.Limit, string.Create(CultureInfo.InvariantCulture, $"{tool.Name} was not called: it may be called {most} times per minute, which are used up; it can be called again in {Math.Ceiling((wait ?? Minute).TotalSeconds)} s."))
            : null;
    }

    private async ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, ToolOptions options, GatewayRequest request, CancellationToken cancellationToken)
    {
        var (breaker, breakerOptions) = (tool.Source.Breaker, request.Configuration.Options.Routing.Breaker);
        BreakerPass? pass = null;
        if (breaker is not null && (pass = breaker.TryEnter(breakerOptions)) is null)
        {
            return Error(ToolErrors.Unavailable, $"{tool.Name} was not called: its server has failed too often of late, and is left alone for a while.");
        }

        var toolTime = request.Tools?.Time ?? new ToolTime();
        var left = request.Configuration.Options.Functions.Timeout - toolTime.Begin(time);
        var allowed = options.Timeout!.Value < left ? options.Timeout.Value : left;
        try
        {
            if (left <= TimeSpan.Zero)
            {
                Abandon();
                return Error(ToolErrors.Timeout, $"{tool.Name} was not called: the time for the tools of this request is used up.");
            }

            using var timeout = new CancellationTokenSource(allowed, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);

            // Whether the tool heeds the token or not.
            var result = await tool.Source.CallAsync(tool, arguments, either.Token).AsTask().WaitAsync(either.Token);
            Settle(failed: false);
            return Admit(tool, result, options.MaxResultBytes!.Value, request);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Abandon();
            throw;
        }
        catch (OperationCanceledException)
        {
            if (allowed < options.Timeout.Value)
            {
                // It had what other calls of its request left it, which says nothing of its server.
                Abandon();
            }
            else
            {
                Settle(failed: true);
            }

            return Error(ToolErrors.Timeout, string.Create(CultureInfo.InvariantCulture, $"{tool.Name} took longer than the {allowed.TotalSeconds:0.###} s that it had, and was given up."));
        }
        catch (ToolUnavailableException exception)
        {
            Settle(failed: true);
            return Error(ToolErrors.Unavailable, $"{tool.Name} cannot be called: {exception.Message}.");
        }
        catch (Exception exception)
        {
            // Its message may have what the server said, and a server may say its own credentials.
            Settle(failed: true);
            LogFailed(tool.Name, exception.GetType().Name);
            return Error(ToolErrors.Failed, $"{tool.Name} has failed.");
        }
        finally
        {
            toolTime.End(time);
        }

        void Settle(bool failed)
        {
            if (pass is { } entered)
            {
                breaker!.Settle(entered, failed, slow: false, breakerOptions);
            }
        }

        void Abandon()
        {
            if (pass is { } entered)
            {
                breaker!.Abandon(entered);
            }
        }
    }

    // What the model is told of a result.
    private ToolResult Admit(ServerTool tool, ToolResult result, int mostBytes, GatewayRequest request)
    {
        var text = result.Text;
        var bytes = Encoding.UTF8.GetByteCount(text);
        var shown = bytes > mostBytes ? Cut(text, mostBytes) : text;
        if (guard.AgainstResult(shown, request) is { } rule)
        {
            return Error(ToolErrors.Guardrail, $"{tool.Name} was called, but its result is withheld: the guardrail {rule} forbids what it contains.");
        }

        return bytes <= mostBytes ? result : result with
        {
            Text = string.Create(CultureInfo.InvariantCulture, $"{shown}\n[The gateway has cut this result: it has {bytes} bytes, of which the first {Encoding.UTF8.GetByteCount(shown)} are shown.]"),
        };
    }

    // At most so many bytes, with whole characters.
    private static string Cut(string text, int mostBytes)
    {
        var buffer = new byte[mostBytes];
        Encoding.UTF8.GetEncoder().Convert(text, buffer, flush: true, out var characters, out _, out _);
        return text[..characters];
    }

    private static JsonElement? Parse(string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            // What some models write for none.
            return NoArguments;
        }

        try
        {
            return JsonElement.Parse(arguments, NamesOnce) is { ValueKind: JsonValueKind.Object } parsed ? parsed : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ToolResult Error(string type, string text) => new(text, IsError: true) { ErrorType = type };

    [LoggerMessage(LogLevel.Warning, "Tool {Tool} has failed: {Exception}.")]
    private partial void LogFailed(string tool, string exception);
}
