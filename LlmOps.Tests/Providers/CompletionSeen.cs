using System.Net;
using System.Text.Json;

namespace LlmOps.Tests.Providers;

/// <summary>A completion in OpenAI's form as a caller received it, streamed or not, put together as clients do.</summary>
internal sealed record CompletionSeen(
    string Text, string? FinishReason, IReadOnlyList<CallSeen> Calls, JsonElement Usage, string? Model, IReadOnlyDictionary<string, JsonElement> Message, JsonElement Choice)
{
    /// <summary>Reads a successful response; a stream must be complete.</summary>
    public static async Task<CompletionSeen> ReadAsync(HttpResponseMessage response, bool streaming)
    {
        if (!streaming || response.StatusCode != HttpStatusCode.OK)
        {
            var text = await response.Content.ReadAsStringAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            return Of(JsonElement.Parse(text));
        }

        var stream = await SseText.ReadAsync(response);
        stream.Error.ShouldBeNull();
        stream.Done.ShouldBeTrue();
        return Of(stream);
    }

    private static CompletionSeen Of(JsonElement completion)
    {
        var choice = completion.GetProperty("choices")[0];
        var message = choice.GetProperty("message");
        var calls = message.TryGetProperty("tool_calls", out var list)
            ? list.EnumerateArray().Select(call => new CallSeen(call.GetProperty("id").GetString()!, call.GetProperty("function").GetProperty("name").GetString()!, call.GetProperty("function").GetProperty("arguments").GetString()!))
            : [];
        return new CompletionSeen(
            message.GetProperty("content").GetString() ?? "", choice.GetProperty("finish_reason").GetString(), [.. calls],
            completion.TryGetProperty("usage", out var usage) ? usage : default, completion.GetProperty("model").GetString(),
            message.EnumerateObject().ToDictionary(field => field.Name, field => field.Value), choice);
    }

    // Texts and arguments are put together; every other field of a delta replaces what was there, as OpenAI's own clients do.
    private static CompletionSeen Of(SseText stream)
    {
        var text = "";
        var message = new Dictionary<string, JsonElement>();
        var calls = new SortedDictionary<int, CallSeen>();
        JsonElement usage = default, last = default;
        foreach (var chunk in stream.Chunks)
        {
            usage = chunk.TryGetProperty("usage", out var told) && told.ValueKind == JsonValueKind.Object ? told : usage;
            foreach (var choice in chunk.GetProperty("choices").EnumerateArray())
            {
                last = choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String ? choice : last;
                foreach (var field in choice.GetProperty("delta").EnumerateObject())
                {
                    if (field.Name == "content")
                    {
                        text += field.Value.GetString();
                    }
                    else if (field.Name == "tool_calls")
                    {
                        Add(calls, field.Value);
                    }
                    else if (field.Name == "reasoning_content" && message.TryGetValue(field.Name, out var before))
                    {
                        message[field.Name] = JsonSerializer.SerializeToElement(before.GetString() + field.Value.GetString());
                    }
                    else
                    {
                        message[field.Name] = field.Value;
                    }
                }
            }
        }

        return new CompletionSeen(text, last.GetProperty("finish_reason").GetString(), [.. calls.Values], usage, stream.Chunks[0].GetProperty("model").GetString(), message, last);
    }

    private static void Add(SortedDictionary<int, CallSeen> calls, JsonElement pieces)
    {
        foreach (var piece in pieces.EnumerateArray())
        {
            var index = piece.GetProperty("index").GetInt32();
            var known = calls.GetValueOrDefault(index, new CallSeen("", "", ""));
            var function = piece.GetProperty("function");
            calls[index] = new CallSeen(
                known.Id + (piece.TryGetProperty("id", out var id) ? id.GetString() : ""),
                known.Name + (function.TryGetProperty("name", out var name) ? name.GetString() : ""),
                known.Arguments + (function.TryGetProperty("arguments", out var arguments) ? arguments.GetString() : ""));
        }
    }
}

/// <summary>A tool call as a caller received it.</summary>
internal sealed record CallSeen(string Id, string Name, string Arguments);
