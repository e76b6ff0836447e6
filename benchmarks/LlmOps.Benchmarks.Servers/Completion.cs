using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LlmOps.Benchmarks.Servers;

/// <summary>What the upstream answers, in OpenAI's form and with all the fields that OpenAI sends.</summary>
internal static class Completion
{
    private const string Id = "chatcmpl-CQwJ8Y0iVbTzqkqYp3kq0nCbTxKfW";

    private const string Head = $"\"id\":\"{Id}\",\"created\":1763700000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\"";

    private const string Usage = "{\"prompt_tokens\":71,\"completion_tokens\":40,\"total_tokens\":111,\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";

    /// <summary>An answer that is not streamed.</summary>
    public static ReadOnlySpan<byte> Whole => _whole;

    private static readonly byte[] _whole =
        Saying("A gateway keeps keys, limits and costs in one place, so that applications talk to one address and can change the model behind it without a change of their own.");

    /// <summary>An answer of a text, not streamed.</summary>
    public static byte[] Saying(string text) => Encoding.UTF8.GetBytes(
        $"{{{Head},\"object\":\"chat.completion\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{JsonEncodedText.Encode(text)}\",\"refusal\":null,\"annotations\":[]}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{Usage}}}");

    /// <summary>The same, or a part of a stream, as the answer to the question of the number; to that of 0 as it is.</summary>
    public static string Numbered(string answer, int number) =>
        number == 0 ? answer : answer.Replace(Id, string.Create(CultureInfo.InvariantCulture, $"chatcmpl-{number}"), StringComparison.Ordinal);

    /// <summary>An error, as it stands in the body of an answer or in an event.</summary>
    public static ReadOnlySpan<byte> Error => "{\"error\":{\"message\":\"The server had an error while processing your request.\",\"type\":\"server_error\",\"param\":null,\"code\":null}}"u8;

    /// <summary>One event of a stream.</summary>
    public static string Chunk(string delta, string finishReason = "null") =>
        $"data: {{{Head},\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finishReason}}}],\"usage\":null,\"obfuscation\":\"x7Qk2\"}}\n\n";

    /// <summary>The last events of a stream.</summary>
    public static string End(bool usage) =>
        Chunk("{}", "\"stop\"") + (usage ? $"data: {{{Head},\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{Usage}}}\n\n" : "") + "data: [DONE]\n\n";
}
