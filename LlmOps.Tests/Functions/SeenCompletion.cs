using System.Text.Json;

namespace LlmOps.Tests.Functions;

/// <summary>What a caller of /v1/chat/completions got, streamed or not.</summary>
internal sealed record SeenCompletion(
    int Status, string Text, IReadOnlyList<SeenCall> Calls, string? FinishReason, string Usage, IReadOnlyList<string> Ids, JsonElement? Error, string Body, string Cache, string? Degraded)
{
    /// <summary>The error's code.</summary>
    public string? Code => Error?.GetProperty("code").GetString();

    /// <summary>The field that the error names.</summary>
    public string? Param => Error?.GetProperty("param").GetString();

    /// <summary>Whether it came to its proper end.</summary>
    public bool IsComplete { get; private init; }

    /// <summary>The seconds after which to come back; null where none are said.</summary>
    public string? RetryAfter { get; private init; }

    public static async Task<SeenCompletion> OfAsync(HttpResponseMessage response, bool streaming)
    {
        var (status, cache) = ((int)response.StatusCode, Header(response, "X-LlmOps-Cache") ?? "");
        if (streaming && response.IsSuccessStatusCode)
        {
            return OfStream(await SseText.ReadAsync(response), cache, Header(response, "X-LlmOps-Degraded"));
        }

        var body = await response.Content.ReadAsStringAsync();
        var json = JsonElement.Parse(body);
        if (!response.IsSuccessStatusCode)
        {
            return new(status, "", [], null, "", [], json.GetProperty("error"), body, cache, Header(response, "X-LlmOps-Degraded")) { RetryAfter = Header(response, "Retry-After") };
        }

        var choice = json.GetProperty("choices")[0];
        var message = choice.GetProperty("message");
        var calls = message.TryGetProperty("tool_calls", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(call => new SeenCall(
                call.GetProperty("id").GetString()!, call.GetProperty("function").GetProperty("name").GetString()!, call.GetProperty("function").GetProperty("arguments").GetString()!)).ToList()
            : [];
        return new(status, message.GetProperty("content").GetString() ?? "", calls, choice.GetProperty("finish_reason").GetString(), UsageOf(json), [json.GetProperty("id").GetString()!], null, body, cache, Header(response, "X-LlmOps-Degraded"))
        {
            IsComplete = true,
        };
    }

    private static SeenCompletion OfStream(SseText stream, string cache, string? degraded)
    {
        var calls = new SortedDictionary<int, SeenCall>();
        string? finish = null;
        var usage = "";
        foreach (var chunk in stream.Chunks.Where(chunk => chunk.TryGetProperty("choices", out _)))
        {
            usage = UsageOf(chunk) is { Length: > 0 } told ? told : usage;
            foreach (var choice in chunk.GetProperty("choices").EnumerateArray())
            {
                finish = choice.GetProperty("finish_reason").GetString() ?? finish;
                if (choice.GetProperty("delta").TryGetProperty("tool_calls", out var pieces))
                {
                    foreach (var piece in pieces.EnumerateArray())
                    {
                        var index = piece.GetProperty("index").GetInt32();
                        var call = calls.GetValueOrDefault(index) ?? new SeenCall("", "", "");
                        calls[index] = new SeenCall(
                            call.Id + (piece.TryGetProperty("id", out var id) ? id.GetString() : ""),
                            call.Name + (piece.GetProperty("function").TryGetProperty("name", out var name) ? name.GetString() : ""),
                            call.Arguments + (piece.GetProperty("function").TryGetProperty("arguments", out var arguments) ? arguments.GetString() : ""));
                    }
                }
            }
        }

        List<string> ids = [.. stream.Chunks.Where(chunk => chunk.TryGetProperty("id", out _)).Select(chunk => chunk.GetProperty("id").GetString()!).Distinct()];
        return new(200, stream.Text, [.. calls.Values], finish, usage, ids, stream.Error, string.Join('\n', stream.Chunks), cache, degraded) { IsComplete = stream.Done && !stream.Broken };
    }

    private static string UsageOf(JsonElement json) => json.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
        ? $"{usage.GetProperty("prompt_tokens")}+{usage.GetProperty("completion_tokens")}={usage.GetProperty("total_tokens")}"
        : "";

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}

/// <summary>A tool call as a caller got it.</summary>
internal sealed record SeenCall(string Id, string Name, string Arguments);
