using System.Diagnostics;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Guardrails;

/// <summary>The span of a check; it ends, with what was found in it, when it is disposed. There is none where nobody traces the request.</summary>
internal sealed class GuardrailSpan : IDisposable
{
    private readonly Activity _span;
    private readonly GatewayRequest _request;
    private readonly string? _before;

    private GuardrailSpan(Activity span, GatewayRequest request) => (_span, _request, _before) = (span, request, request.Found);

    /// <summary>That of what goes in.</summary>
    public static GuardrailSpan? Input(GatewayRequest request) => Of(request.Spans?.BeginApart(TelemetryNames.InputGuardrails), request);

    /// <summary>That of what comes out; what the same method asks a model for lies in it.</summary>
    public static GuardrailSpan? Output(GatewayRequest request) => Of(request.Spans?.Begin(TelemetryNames.OutputGuardrails), request);

    /// <summary>That of what comes out piece by piece.</summary>
    public static GuardrailSpan? OutputStream(GatewayRequest request) => Of(request.Spans?.BeginApart(TelemetryNames.OutputGuardrails), request);

    /// <summary>What the method that calls this asks a model for lies in it from now on.</summary>
    public void Enter() => Activity.Current = _span;

    /// <summary>Takes in that the check has failed, or has refused it. False, for a filter: it catches nothing.</summary>
    public bool Failed(GatewayException failure)
    {
        _span.SetTag(TelemetryNames.ErrorType, failure.Error.Code).SetStatus(ActivityStatusCode.Error);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_request.Found is { } found && found != _before)
        {
            _span.SetTag(TelemetryNames.Guardrails, found[(_before is null ? 0 : _before.Length + 1)..].Split(','));
        }

        _span.Dispose();
    }

    private static GuardrailSpan? Of(Activity? span, GatewayRequest request) => span is null ? null : new(span, request);
}
