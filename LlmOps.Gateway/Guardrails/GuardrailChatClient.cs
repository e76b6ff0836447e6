using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>
/// Lets prompts in and answers out: outside the cache, so that nothing is looked up or spent for what is refused, and old answers
/// meet today's policy.
/// </summary>
internal sealed class GuardrailChatClient(IChatClient innerClient, PromptGuard prompts, AnswerGuard answers) : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (check, asked, changed) = Admit(messages, GatewayChatOptions.Of(options));
        var response = base.GetResponseAsync(asked, changed, cancellationToken);
        return check is null ? response : answers.CheckAsync(check, response, asked, changed, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (check, asked, changed) = Admit(messages, GatewayChatOptions.Of(options));
        var updates = base.GetStreamingResponseAsync(asked, changed, cancellationToken);
        return check is null ? updates : answers.CheckStreamAsync(check, updates, asked, changed, cancellationToken);
    }

    // What is to be asked, and how its answer is checked; null where it is not.
    private (AnswerCheck? Check, IEnumerable<ChatMessage> Messages, GatewayChatOptions Options) Admit(IEnumerable<ChatMessage> messages, GatewayChatOptions options)
    {
        var request = options.Request;
        var policy = request.Configuration.Guardrails.Of(request);
        var placeholders = prompts.Admit(policy, messages, request);
        var check = answers.CheckOf(policy, placeholders, options);
        return placeholders is null ? (check, messages, options) : Mask(check, messages, options, placeholders);
    }

    // Apart, so that what it captures is made for those that need it.
    private static (AnswerCheck? Check, IEnumerable<ChatMessage> Messages, GatewayChatOptions Options) Mask(AnswerCheck? check, IEnumerable<ChatMessage> messages, GatewayChatOptions options, Placeholders placeholders)
    {
        options.Request.Placeholders = placeholders;
        ITextDetector[] personal = [options.Request.Configuration.Guardrails.PersonalData];
        var (asked, changed) = RequestTexts.Rewrite(messages, options, text => placeholders.Mask(text, Finding.In(text, personal)));
        return (check, asked, changed);
    }
}
