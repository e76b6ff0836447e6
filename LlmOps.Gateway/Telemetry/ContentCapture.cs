using System.Text;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Gateway.Telemetry.Records;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What is kept of the texts of a request whose content is captured: no more of each than the settings say.</summary>
internal sealed class ContentCapture
{
    private readonly GuardrailPolicies? _masks;

    /// <param name="messages">What is asked.</param>
    /// <param name="maxCharacters">The most characters of a text that are kept.</param>
    /// <param name="masks">What finds the texts that are masked; null for none.</param>
    public ContentCapture(IEnumerable<ChatMessage> messages, int maxCharacters, GuardrailPolicies? masks = null)
    {
        (MaxCharacters, _masks) = (maxCharacters, masks);
        Messages = [.. messages.Select(message => new TraceMessage(message.Role.Value, Kept(string.Join('\n', message.Contents.Select(TextOf).Where(text => text.Length > 0)))))];
        Answer = new AnswerCapture(this);
    }

    /// <summary>The most characters of a text that are kept.</summary>
    public int MaxCharacters { get; }

    /// <summary>What was asked.</summary>
    public IReadOnlyList<TraceMessage> Messages { get; }

    /// <summary>What the caller was answered.</summary>
    public AnswerCapture Answer { get; }

    /// <summary>All of it.</summary>
    public TraceContent Captured => new(Messages, Answer.Text);

    /// <summary>The capture of a request whose content is to be told; null for others.</summary>
    public static ContentCapture? Of(GatewayRequest request, IEnumerable<ChatMessage> messages)
    {
        var options = request.Configuration.Options.Telemetry.Capture;
        return request.Spans is not null && (options.Everything || options.Tenants.Contains(request.Principal.Tenant) || (request.Prompt is { } prompt && options.Prompts.Contains(prompt.Name)))
            ? new ContentCapture(messages, options.MaxCharacters, options.Mask ? request.Configuration.Guardrails : null)
            : null;
    }

    /// <summary>The text of a content: of a call to a tool its name and arguments, of an image its type.</summary>
    public static string TextOf(AIContent content) => content switch
    {
        FunctionCallContent call => $"{call.Name}({OpenAIContent.ArgumentsText(call)})",
        DataContent data => $"[{data.MediaType}]",
        UriContent linked => $"[{linked.MediaType}]",
        _ => RequestTexts.Of(content),
    };

    /// <summary>A text as it is kept.</summary>
    /// <param name="text">The text, or its beginning.</param>
    /// <param name="length">How long all of it is; null for that of the text.</param>
    public string Kept(string text, long? length = null)
    {
        var shown = _masks is null ? text : Masked(text, _masks);
        return shown.Length <= MaxCharacters ? shown : $"{shown[..Whole(shown, MaxCharacters)]}… ({length ?? text.Length} characters in all)";
    }

    // Of two halves of one character neither is kept.
    private static int Whole(string text, int length) => char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private static string Masked(string text, GuardrailPolicies policies)
    {
        var masked = new StringBuilder(text);
        foreach (var finding in Finding.In(text, [policies.PersonalData, policies.Secrets]).OrderByDescending(finding => finding.Start))
        {
            masked.Remove(finding.Start, finding.Length).Insert(finding.Start, $"[{finding.Rule}]");
        }

        return masked.ToString();
    }
}
