using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Guardrails.Injection;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// Looks at what goes to tools and what comes from them: a tool is told no secret, and what it says is nobody's instruction, and is
/// held to what the request's prompt is held to. What is enforced is kept from the one side or the other, never told the request's
/// caller as a refusal.
/// </summary>
internal sealed class ToolGuard(InjectionDetector injection, GuardrailStatistics statistics)
{
    // The facts of a request are written by one stage after the other; calls of tools run side by side.
    private readonly Lock _notes = new();

    /// <summary>The rule that is against the arguments of a call; null where they may go.</summary>
    public string? AgainstArguments(JsonElement arguments, GatewayRequest request)
    {
        var mode = request.Configuration.Guardrails.Of(request).Secrets;
        if (mode == GuardrailMode.Off)
        {
            return null;
        }

        var text = arguments.GetRawText();
        var secrets = request.Configuration.Guardrails.Secrets;
        return Found(text, secrets, mode, request) ?? (text.Contains('\\') ? Found(Texts(arguments), secrets, mode, request) : null);
    }

    /// <summary>The rule that is against telling the model a result; null where it may be told.</summary>
    public string? AgainstResult(string result, GatewayRequest request)
    {
        // What a caller's own prompt may say is the caller's affair; what a tool says is written by whoever likes to, on all routes.
        var mode = request.Configuration.Options.Functions.ResultInjection;
        if (mode != GuardrailMode.Off && injection.Score(result).IsAttack && Note(GuardrailRules.PromptInjection, mode, request))
        {
            return GuardrailRules.PromptInjection;
        }

        // Kept results are in the conversation's next prompt, which would be refused for them.
        var (rules, policy) = (request.Configuration.Guardrails, request.Configuration.Guardrails.Of(request));
        return Found(result, rules.Secrets, policy.Secrets, request)
            ?? Found(result, rules.BlockedWords, policy.BlockedWords, request)
            ?? (policy.Masks ? null : Found(result, rules.PersonalData, policy.PersonalData, request));
    }

    /// <summary>Whether what a tool says of itself reads like an instruction to the model.</summary>
    public bool IsAttack(string description, JsonElement schema) => injection.Score(description).IsAttack || injection.Score(Texts(schema)).IsAttack;

    private string? Found(string text, ITextDetector detector, GuardrailMode mode, GatewayRequest request)
    {
        string? against = null;
        if (mode != GuardrailMode.Off)
        {
            foreach (var finding in Finding.In(text, [detector]))
            {
                against = Note(finding.Rule, mode, request) ? against ?? finding.Rule : against;
            }
        }

        return against;
    }

    private bool Note(string rule, GuardrailMode mode, GatewayRequest request)
    {
        lock (_notes)
        {
            statistics.Found(request, rule, mode == GuardrailMode.Enforce ? GuardrailOutcome.Withheld : GuardrailOutcome.Monitored);
        }

        return mode == GuardrailMode.Enforce;
    }

    // As whoever reads them sees them, without JSON's escapes.
    private static string Texts(JsonElement value)
    {
        var texts = new StringBuilder();
        Add(value);
        return texts.ToString();

        void Add(JsonElement part)
        {
            switch (part.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in part.EnumerateObject())
                    {
                        texts.Append(property.Name).Append(": ");
                        Add(property.Value);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in part.EnumerateArray())
                    {
                        Add(item);
                    }

                    break;
                case JsonValueKind.String:
                    texts.AppendLine(part.GetString());
                    break;
                default:
                    texts.AppendLine();
                    break;
            }
        }
    }
}
