using System.Text.Json.Nodes;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// Personal data of a request whose policy has placeholders for them: providers see these, tools see what the policy restores
/// for the caller. For one thread at a time.
/// </summary>
internal sealed class PersonalTexts(GatewayRequest request, GuardrailStatistics statistics)
{
    private readonly Placeholders? _placeholders = request.Placeholders;
    private readonly bool _restores = request.Placeholders is not null && request.Configuration.Guardrails.Of(request).PersonalDataAction == PersonalDataAction.Restore;

    /// <summary>A text of the model as tools see it.</summary>
    public string ForTools(string text)
    {
        var restored = Restored(text);
        if (restored != text)
        {
            // Other requests have the same placeholders for other people.
            request.Tools?.KeepToCaller();
        }

        return restored;
    }

    /// <summary>What a tool answered, as the model sees it.</summary>
    public string ForModel(string text)
    {
        if (_placeholders is null)
        {
            return text;
        }

        var known = _placeholders.Count;
        var findings = Finding.In(text, [request.Configuration.Guardrails.PersonalData]);
        foreach (var finding in findings)
        {
            statistics.Found(request, finding.Rule, GuardrailOutcome.Masked);
        }

        var masked = _placeholders.Mask(text, findings);
        if (_placeholders.Count > known)
        {
            // Nobody else knows what they stand for.
            request.Tools?.KeepToCaller();
        }

        return masked;
    }

    /// <summary>A message with what its placeholders stand for, so that it can be put back in another request.</summary>
    public JsonObject ForKeeping(JsonObject message)
    {
        var kept = (JsonObject)message.DeepClone();
        if (_restores)
        {
            RequestTexts.Rewrite(kept, Restored);
        }

        return kept;
    }

    private string Restored(string text)
    {
        if (!_restores)
        {
            return text;
        }

        var window = _placeholders!.Restoring();
        return window.Push(text) + window.End();
    }
}
