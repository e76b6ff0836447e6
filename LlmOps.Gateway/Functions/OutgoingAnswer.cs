using System.Text.Json.Nodes;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>How the last round of an answer goes out, after the rounds before it: as one answer.</summary>
/// <param name="before">The answers of the rounds before, in their order.</param>
/// <param name="calls">The calls that the caller gets, in OpenAI's form; null for those that the model made, as it made them.</param>
internal sealed class OutgoingAnswer(IReadOnlyList<ModelAnswer> before, IReadOnlyList<JsonObject>? calls)
{
    /// <summary>Between the texts of two rounds.</summary>
    public const string Separator = "\n\n";

    private static readonly string[] Texts = ["content", "reasoning_content", "reasoning"];

    private readonly IReadOnlyList<JsonObject?> _usages = [.. before.Select(answer => answer.Usage)];

    /// <summary>The calls that the caller gets; null for those that the model made.</summary>
    public IReadOnlyList<JsonObject>? Calls => calls;

    /// <summary>Whether nothing of it is another than the provider's.</summary>
    public bool IsUnaltered => before.Count == 0 && calls is null;

    /// <summary>The whole answer.</summary>
    /// <param name="last">That of the last round.</param>
    public ChatResponse Of(ChatResponse last) => IsUnaltered ? last : last.RawRepresentation is OpenAIPayload payload ? OfRaw(payload) : OfTyped(last);

    /// <summary>The usage of all rounds in OpenAI's form; null where it is not known of all.</summary>
    /// <param name="last">That of the last round.</param>
    public JsonObject? UsageWith(JsonObject last)
    {
        var sum = (JsonObject)last.DeepClone();
        foreach (var usage in _usages)
        {
            if (usage is null)
            {
                return null;
            }

            Add(sum, usage);
        }

        return sum;
    }

    /// <inheritdoc cref="UsageWith(JsonObject)"/>
    public UsageDetails? UsageWith(UsageDetails last) => UsageCounts.Sum([.. before.Select(answer => answer.Typed.Usage), last]);

    /// <summary>The calls that the caller gets, typed.</summary>
    public IEnumerable<AIContent> TypedCalls() => calls!.Select(ModelAnswer.Read).Select(call => OpenAIContent.ReadToolCall(call.Id, call.Name, call.Arguments));

    /// <summary>Gives a completion, or a chunk, the id and the time of the answer that it is a part of.</summary>
    public static void Name(JsonObject root, string? id, DateTimeOffset? createdAt)
    {
        if (id is not null)
        {
            root["id"] = id;
        }

        if (createdAt is { } at)
        {
            root["created"] = at.ToUnixTimeSeconds();
        }
    }

    private ChatResponse OfRaw(OpenAIPayload payload)
    {
        var root = (JsonObject)JsonNode.Parse(Providers.WireJson.WholePairs(payload.Json).Span)!;
        if (before.Count > 0)
        {
            Name(root, before[0].Typed.ResponseId, before[0].Typed.CreatedAt);
            if (root["usage"] is JsonObject usage)
            {
                root["usage"] = UsageWith(usage);
            }
        }

        var choice = (JsonObject)root["choices"]![0]!;
        var message = (JsonObject)choice["message"]!;
        foreach (var field in Texts)
        {
            if (Said(field) is { Length: > 0 } said)
            {
                message[field] = Joined(said, TextOf(message, field));
            }
        }

        if (calls is { Count: > 0 })
        {
            message["tool_calls"] = new JsonArray([.. calls.Select(call => call.DeepClone())]);
            choice["finish_reason"] = "tool_calls";
        }
        else if (calls is not null)
        {
            message.Remove("tool_calls");
        }

        return CompletionReader.Read(JsonTexts.ToUtf8(root));
    }

    private ChatResponse OfTyped(ChatResponse last)
    {
        var contents = last.Messages.SelectMany(message => message.Contents).Where(content => calls is null || content is not FunctionCallContent).ToList();
        Prepend(contents, contents.OfType<TextReasoningContent>().Any(), string.Join(Separator, new[] { Said("reasoning_content"), Said("reasoning") }.Where(said => said.Length > 0)), text => new TextReasoningContent(text));
        Prepend(contents, contents.OfType<TextContent>().Any(text => text.Text.Length > 0), Said("content"), text => new TextContent(text));
        contents.AddRange(calls is null ? [] : TypedCalls());
        var first = before.Count > 0 ? before[0].Typed : last;
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents) { MessageId = first.ResponseId })
        {
            ResponseId = first.ResponseId,
            ModelId = last.ModelId,
            CreatedAt = first.CreatedAt,
            FinishReason = calls is { Count: > 0 } ? ChatFinishReason.ToolCalls : last.FinishReason,
            Usage = last.Usage is { } usage ? UsageWith(usage) : null,
            AdditionalProperties = last.AdditionalProperties,
        };
    }

    private static void Prepend(List<AIContent> contents, bool hasMore, string said, Func<string, AIContent> make)
    {
        if (said.Length > 0)
        {
            contents.Insert(0, make(hasMore ? said + Separator : said));
        }
    }

    private string Said(string field) => before.Aggregate("", (said, answer) => Joined(said, TextOf(answer.Message, field)));

    private static string Joined(string one, string other) => one.Length == 0 || other.Length == 0 ? one + other : one + Separator + other;

    private static string TextOf(JsonObject message, string field) => message[field] switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray parts => string.Concat(parts.OfType<JsonObject>().Select(part => (part["text"] as JsonValue)?.TryGetValue<string>(out var text) == true ? text : "")),
        _ => "",
    };

    // What is no number is said by the last round.
    private static void Add(JsonObject sum, JsonObject more)
    {
        foreach (var (name, value) in more)
        {
            switch ((sum[name], value))
            {
                case (JsonObject nested, JsonObject other):
                    Add(nested, other);
                    break;
                case (JsonValue one, JsonValue other) when one.TryGetValue<long>(out var count) && other.TryGetValue<long>(out var counted):
                    sum[name] = count + counted;
                    break;
                case (JsonValue one, JsonValue other) when one.TryGetValue<decimal>(out var number) && other.TryGetValue<decimal>(out var added):
                    sum[name] = number + added;
                    break;
                case (null, not null):
                    sum[name] = value.DeepClone();
                    break;
            }
        }
    }
}
