using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Looks at what comes out.</summary>
internal sealed class AnswerGuard(SchemaGuard schemas, JudgeGuard judge, GuardrailStatistics statistics)
{
    /// <summary>What a request's answer is checked for; null where for nothing.</summary>
    /// <exception cref="Errors.GatewayException">Its schema cannot be enforced.</exception>
    public AnswerCheck? CheckOf(GuardrailPolicy policy, Placeholders? placeholders, GatewayChatOptions options)
    {
        var check = new AnswerCheck(policy, options.Request, placeholders, schemas.SchemaOf(policy, options), statistics);
        return check.IsEmpty ? null : check;
    }

    /// <summary>Checks an answer.</summary>
    /// <returns>The answer as it may go out.</returns>
    /// <exception cref="Errors.GatewayException">It is refused, or it failed.</exception>
    public async Task<ChatResponse> CheckAsync(AnswerCheck check, Task<ChatResponse> response, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var answer = await response;
        using var span = GuardrailSpan.Output(check.Request);
        try
        {
            return await CheckAsync(check, answer, messages, options, cancellationToken);
        }
        catch (GatewayException exception) when (span?.Failed(exception) == true)
        {
            throw;
        }
    }

    private async ValueTask<ChatResponse> CheckAsync(AnswerCheck check, ChatResponse answer, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        if (check.NeedsWhole)
        {
            answer = await CheckWholeAsync(check, answer, messages, options, cancellationToken);
        }

        if (!check.Rewrites)
        {
            check.Check(answer);
            return answer;
        }

        var texts = new AnswerTexts(check);
        return options.Original is not null && answer.RawRepresentation is OpenAIPayload payload
            ? With(answer, answer.Messages, RawAnswer.Check(payload, texts))
            : With(answer, [.. answer.Messages.Select(message => With(message, TypedAnswer.Check(message.Contents, texts)))], answer.RawRepresentation);
    }

    /// <summary>Checks an answer as it comes: a text goes out as soon as it can be no part of what is looked for.</summary>
    /// <exception cref="Errors.GatewayException">It is refused, or it failed.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> CheckStreamAsync(
        AnswerCheck check, IAsyncEnumerable<ChatResponseUpdate> updates, IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var texts = new AnswerTexts(check);
        List<ChatResponseUpdate> kept = [];
        ChatResponseUpdate? last = null;
        GuardrailSpan? span = null;
        try
        {
            await foreach (var update in updates.WithCancellation(cancellationToken))
            {
                last = update;
                span ??= GuardrailSpan.OutputStream(check.Request);
                if (check.NeedsWhole)
                {
                    kept.Add(update);
                }

                if (!check.Buffers)
                {
                    yield return Pass(check, update, texts, options, span);
                }
            }

            if (check.NeedsWhole)
            {
                var answer = kept.ToChatResponse();
                var passed = await CheckWholeAsync(check, answer, messages, options, span, cancellationToken);
                foreach (var update in !check.Buffers ? [] : passed == answer ? kept : (IEnumerable<ChatResponseUpdate>)passed.ToChatResponseUpdates())
                {
                    last = update;
                    yield return Pass(check, update, texts, options, span);
                }
            }

            // Of a stream that has not said why it ends.
            if (TypedAnswer.Rests(texts) is { Count: > 0 } rests)
            {
                yield return new ChatResponseUpdate { ResponseId = last!.ResponseId, MessageId = last.MessageId, ModelId = last.ModelId, CreatedAt = last.CreatedAt, Contents = rests };
            }
        }
        finally
        {
            span?.Dispose();
        }
    }

    private async ValueTask<ChatResponse> CheckWholeAsync(
        AnswerCheck check, ChatResponse answer, IEnumerable<ChatMessage> messages, GatewayChatOptions options, GuardrailSpan? span, CancellationToken cancellationToken)
    {
        span?.Enter();
        try
        {
            return await CheckWholeAsync(check, answer, messages, options, cancellationToken);
        }
        catch (GatewayException exception) when (span?.Failed(exception) == true)
        {
            throw;
        }
    }

    private async ValueTask<ChatResponse> CheckWholeAsync(AnswerCheck check, ChatResponse answer, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        if (check.Schema is { } schema)
        {
            answer = await schemas.CheckAsync(check.Policy, schema, messages, answer, options, cancellationToken) ?? answer;
        }

        if (check.Policy.Judge != GuardrailMode.Off)
        {
            await judge.CheckAsync(check.Policy, messages, answer, check.Request, cancellationToken);
        }

        return answer;
    }

    private static ChatResponseUpdate Pass(AnswerCheck check, ChatResponseUpdate update, AnswerTexts texts, GatewayChatOptions options, GuardrailSpan? span)
    {
        try
        {
            return Pass(check, update, texts, options);
        }
        catch (GatewayException exception) when (span?.Failed(exception) == true)
        {
            throw;
        }
    }

    private static ChatResponseUpdate Pass(AnswerCheck check, ChatResponseUpdate update, AnswerTexts texts, GatewayChatOptions options)
    {
        if (!check.Changes)
        {
            TypedAnswer.Watch(update, texts);
            return update;
        }

        if (options.Original is null || update.RawRepresentation is not OpenAIPayload payload)
        {
            return TypedAnswer.CheckUpdate(update, texts);
        }

        var passed = update.Clone();
        passed.RawRepresentation = RawAnswer.CheckChunk(payload, texts);
        return passed;
    }

    // An answer may be others' as well: it is not changed in place.
    private static ChatResponse With(ChatResponse answer, IList<ChatMessage> messages, object? raw) => new(messages)
    {
        ResponseId = answer.ResponseId,
        ConversationId = answer.ConversationId,
        ModelId = answer.ModelId,
        CreatedAt = answer.CreatedAt,
        FinishReason = answer.FinishReason,
        Usage = answer.Usage,
        AdditionalProperties = answer.AdditionalProperties,
        RawRepresentation = raw,
    };

    private static ChatMessage With(ChatMessage message, IList<AIContent> contents)
    {
        var changed = message.Clone();
        changed.Contents = contents;
        return changed;
    }
}
