using System.Text;
using System.Text.Json;

namespace LlmOps.Tests;

/// <summary>A stream in OpenAI's form as a caller received it.</summary>
internal sealed class SseText
{
    private SseText(IReadOnlyList<string> data, bool broken)
    {
        Broken = broken;
        Done = data is [.., "[DONE]"];
        Chunks = [.. data.Where(item => item != "[DONE]").Select(item => JsonElement.Parse(item))];
    }

    /// <summary>Whether the body ended without its regular end.</summary>
    public bool Broken { get; }

    /// <summary>The data of every event but <c>[DONE]</c>, as JSON.</summary>
    public IReadOnlyList<JsonElement> Chunks { get; }

    /// <summary>Whether the stream ended with <c>[DONE]</c>, which says that the answer is complete.</summary>
    public bool Done { get; }

    /// <summary>The error event, if there is one.</summary>
    public JsonElement? Error => Chunks.Select(chunk => chunk.TryGetProperty("error", out var error) ? error : (JsonElement?)null).LastOrDefault(error => error is not null);

    /// <summary>The text of the first choice.</summary>
    public string Text => string.Concat(Deltas.Select(delta => delta.TryGetProperty("content", out var content) ? content.GetString() : ""));

    private IEnumerable<JsonElement> Deltas =>
        Chunks.Where(chunk => chunk.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"));

    /// <summary>Reads a response, whose every event is one data line, to its regular or irregular end.</summary>
    public static async Task<SseText> ReadAsync(HttpResponseMessage response)
    {
        using var body = new MemoryStream();
        var broken = false;
        try
        {
            await (await response.Content.ReadAsStreamAsync()).CopyToAsync(body);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            broken = true;
        }

        var events = Encoding.UTF8.GetString(body.ToArray()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return new SseText([.. events.Select(DataOf)], broken);
    }

    private static string DataOf(string item)
    {
        item.ShouldStartWith("data: ", Case.Sensitive);
        return item["data: ".Length..];
    }
}
