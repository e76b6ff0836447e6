using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// The caller's own body with the model's name replaced and, for a stream, usage asked for. Nothing else changes, but for
/// ids of tool calls that carry Gemini's signatures: OpenAI takes no ids of that length.
/// </summary>
internal static class OpenAIRequestSplicer
{
    /// <summary>The bytes to send where they are no chat.</summary>
    /// <param name="original">The caller's body, checked to be an object with a <c>model</c>.</param>
    /// <param name="model">The target's name for the model.</param>
    public static ReadOnlyMemory<byte> Rename(OriginalRequest original, string model) =>
        original.Model == model ? original.Body.Bytes : Edited(original.Body, [ModelEdit(original.Body, model)]);

    /// <summary>The bytes of a chat to send.</summary>
    /// <param name="original">The caller's body, checked to be an object with a <c>model</c>.</param>
    /// <param name="model">The target's name for the model.</param>
    /// <param name="askForUsage">Whether <c>stream_options.include_usage</c> must be true.</param>
    public static ReadOnlyMemory<byte> Splice(OriginalRequest original, string model, bool askForUsage)
    {
        var body = original.Body;
        var signed = body.Bytes.Span.IndexOf(SignatureMark) >= 0;
        var renamed = original.Model != model;
        askForUsage &= !original.IncludeUsage;
        if (!askForUsage && !signed && !renamed)
        {
            // Nothing to change: the caller's bytes go out without a copy.
            return body.Bytes;
        }

        var edits = new List<(int Start, int Length, byte[] Text)>(2);
        if (renamed)
        {
            edits.Add(ModelEdit(body, model));
        }

        if (askForUsage)
        {
            edits.Add(UsageEdit(body));
        }

        if (signed)
        {
            edits.AddRange(IdEdits(body));
        }

        edits.Sort((left, right) => left.Start.CompareTo(right.Start));
        return Edited(body, edits);
    }

    private static ReadOnlySpan<byte> SignatureMark => "~sig~"u8;

    private static byte[] Edited(JsonBody body, List<(int Start, int Length, byte[] Text)> edits)
    {
        var result = new byte[body.Bytes.Length + edits.Sum(edit => edit.Text.Length - edit.Length)];
        var source = body.Bytes.Span;
        var target = result.AsSpan();
        var position = 0;
        foreach (var edit in edits)
        {
            source[position..edit.Start].CopyTo(target);
            target = target[(edit.Start - position)..];
            edit.Text.CopyTo(target);
            target = target[edit.Text.Length..];
            position = edit.Start + edit.Length;
        }

        source[position..].CopyTo(target);
        return result;
    }

    private static (int Start, int Length, byte[] Text) ModelEdit(JsonBody body, string model)
    {
        var (start, length) = body.RangeOf(body.Root.GetProperty("model"));
        return (start, length, JsonSerializer.SerializeToUtf8Bytes(model, StringContext.Default.String));
    }

    private static IEnumerable<(int Start, int Length, byte[] Text)> IdEdits(JsonBody body)
    {
        foreach (var message in body.Root.GetProperty("messages").EnumerateArray())
        {
            var ids = WireJson.Items(message, "tool_calls").Select(call => WireJson.Member(call, "id")).Append(WireJson.Member(message, "tool_call_id"));
            foreach (var id in ids.OfType<JsonElement>().Where(id => ToolCallIds.Signature(WireJson.Text(id)) is not null))
            {
                var (start, length) = body.RangeOf(id);
                yield return (start, length, JsonSerializer.SerializeToUtf8Bytes(ToolCallIds.Plain(WireJson.Text(id)), StringContext.Default.String));
            }
        }
    }

    private static (int Start, int Length, byte[] Text) UsageEdit(JsonBody body)
    {
        // Most requests do not name it, in whatever way it could be written, and need no document.
        var bytes = body.Bytes.Span;
        if ((bytes.IndexOf("stream_options"u8) < 0 && bytes.IndexOf("\\u"u8) < 0) || !body.Root.TryGetProperty("stream_options", out var options))
        {
            return (bytes.LastIndexOf((byte)'}'), 0, ",\"stream_options\":{\"include_usage\":true}"u8.ToArray());
        }

        var range = body.RangeOf(options);
        if (options.ValueKind != JsonValueKind.Object)
        {
            return (range.Start, range.Length, "{\"include_usage\":true}"u8.ToArray());
        }

        if (options.TryGetProperty("include_usage", out var includeUsage))
        {
            var value = body.RangeOf(includeUsage);
            return (value.Start, value.Length, "true"u8.ToArray());
        }

        var comma = options.EnumerateObject().Any() ? "," : "";
        return (range.Start + 1, 0, System.Text.Encoding.UTF8.GetBytes($"\"include_usage\":true{comma}"));
    }
}
