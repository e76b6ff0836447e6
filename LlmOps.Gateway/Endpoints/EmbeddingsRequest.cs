using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// A POST /v1/embeddings, checked and typed. What is wrong is found here, before anything is spent; fields that are not
/// known here are left to the provider.
/// </summary>
/// <param name="Model">The model as the caller names it.</param>
/// <param name="Texts">The texts; none where token ids are given in their place.</param>
/// <param name="Options">Parameters, with the caller's bytes.</param>
/// <param name="AsBase64">Whether the vectors are wanted as base64 of little-endian 32-bit floats.</param>
internal sealed record EmbeddingsRequest(string Model, IReadOnlyList<string> Texts, GatewayEmbeddingOptions Options, bool AsBase64)
{
    private const int MostInputs = 2048;
    private const string Expected = "a non-empty string, a list of token ids, or a list of up to 2048 of either";

    /// <summary>Checks and types a body.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static EmbeddingsRequest Parse(ReadOnlyMemory<byte> bytes, GatewayRequest facts)
    {
        var body = JsonBody.Parse(bytes);
        var root = body.Root;
        var model = body.NonEmptyText(body.Required(root, "model"u8, "the name of a model"), "the name of a model");
        var texts = new List<string>();
        var (count, tokensAt) = ParseInput(body, body.Required(root, "input"u8, Expected), texts);
        var asBase64 = JsonBody.Optional(root, "encoding_format"u8) is { } format && IsBase64(body, format);
        if (JsonBody.Optional(root, "user"u8) is { } user)
        {
            body.Text(user);
        }

        var options = new GatewayEmbeddingOptions
        {
            Request = facts,
            Original = new OriginalRequest(WireProtocol.OpenAIEmbeddings, body, model, IncludeUsage: false),
            Dimensions = JsonBody.Optional(root, "dimensions"u8) is { } dimensions ? (int)body.Integer(dimensions, 1, int.MaxValue) : null,
            InputCount = count,
            TokensAt = tokensAt,
        };
        return new EmbeddingsRequest(model, texts, options, asBase64);
    }

    /// <summary>The same with other texts, as many.</summary>
    public EmbeddingsRequest With(IReadOnlyList<string> texts, GatewayRequest facts)
    {
        var root = JsonNode.Parse(Options.Original!.Body.Bytes.Span)!.AsObject();
        root["input"] = root["input"] is JsonArray ? new JsonArray([.. texts.Select(text => JsonValue.Create(text))]) : JsonValue.Create(texts[0]);
        return Parse(JsonTexts.ToUtf8(root), facts);
    }

    private static bool IsBase64(JsonBody body, JsonElement format) => body.Text(format, "float or base64") switch
    {
        "float" => false,
        "base64" => true,
        _ => throw body.Invalid(format, "float or base64"),
    };

    // How many vectors are asked for, and where the first token ids are. A list is of one kind.
    private static (int Count, string? TokensAt) ParseInput(JsonBody body, JsonElement input, List<string> texts)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            texts.Add(Text(body, input));
            return (1, null);
        }

        if (body.Array(input, Expected).GetArrayLength() == 0)
        {
            throw body.Invalid(input, Expected);
        }

        switch (input[0].ValueKind)
        {
            case JsonValueKind.Number:
                CheckTokens(body, input);
                return (1, "input");
            case JsonValueKind.Array:
                CheckCount(body, input);
                foreach (var tokens in input.EnumerateArray())
                {
                    CheckTokens(body, tokens);
                }

                return (input.GetArrayLength(), "input[0]");
            case JsonValueKind.String:
                CheckCount(body, input);
                foreach (var text in input.EnumerateArray())
                {
                    texts.Add(Text(body, text));
                }

                return (texts.Count, null);
            default:
                throw body.Invalid(input[0], "a non-empty string, a token id, or a list of token ids");
        }
    }

    private static void CheckCount(JsonBody body, JsonElement inputs)
    {
        if (inputs.GetArrayLength() > MostInputs)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"input has {inputs.GetArrayLength()} entries; expected at most {MostInputs}.", "input");
        }
    }

    private static string Text(JsonBody body, JsonElement value) =>
        body.Text(value, "a non-empty string") is { Length: > 0 } text ? text : throw body.Invalid(value, "a non-empty string");

    private static void CheckTokens(JsonBody body, JsonElement tokens)
    {
        if (body.Array(tokens, "a list of token ids").GetArrayLength() == 0)
        {
            throw body.Invalid(tokens, "a list of token ids");
        }

        foreach (var token in tokens.EnumerateArray())
        {
            body.Integer(token, 0, int.MaxValue);
        }
    }
}
