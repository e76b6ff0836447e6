using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>POST /summarize and /summarize/stream: a text in, its summary out, through the prompt <c>summarizer</c>.</summary>
internal sealed class SummarizeEndpoint(bool stream, PromptCall call, TimeProvider time) : PlainAnswer(time)
{
    private const string Prompt = "summarizer";
    private const string TextVariable = "text";

    private static readonly string[] Fields = ["prompt", TextVariable, "variables", "version", "label", "context", "system", "model", "temperature", "max_tokens"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var (call, time) = (routes.ServiceProvider.GetRequiredService<PromptCall>(), routes.ServiceProvider.GetRequiredService<TimeProvider>());
        ChatCall.Map(routes, "/summarize", new SummarizeEndpoint(stream: false, call, time)).WithTags("Prompts").WithSummary("A text in, its summary out, through the prompt summarizer")
            .WithMetadata(PromptExamples.Summarize, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ChatReply), ["application/json"]));
        ChatCall.Map(routes, "/summarize/stream", new SummarizeEndpoint(stream: true, call, time)).WithTags("Prompts").WithSummary("A text in, its summary as it comes")
            .WithMetadata(PromptExamples.Summarize, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain"]));
    }

    /// <inheritdoc/>
    // What is asked of the same prompt has the same answer.
    public override string Family => "/prompts";

    /// <inheritdoc/>
    public override async ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body);
        PlainFields.RefuseUnknown(json, Fields);
        var text = TextOf(json);
        var request = await call.MakeAsync(facts, Prompt, json, version => ValuesOf(version, json, text), stream);
        if (JsonBody.Optional(json.Root, "system"u8) is not { } system)
        {
            return request;
        }

        // What the caller adds comes after what the prompt says of itself, and before what is to be summarised.
        var added = new ChatMessage(ChatRole.System, json.NonEmptyText(system));
        List<ChatMessage> messages = [.. request.Messages];
        messages.Insert(messages.FindLastIndex(message => message.Role == ChatRole.System) + 1, added);
        return request with { Messages = messages, TextBytes = request.TextBytes + body.Length };
    }

    // A fault of the text is told of the field that the caller has sent.
    private static IReadOnlyDictionary<string, string> ValuesOf(PromptVersion version, JsonBody body, string text)
    {
        const string Path = $"variables.{TextVariable}";
        var values = WithText(body, text);
        try
        {
            return PromptValues.Read(version, values, "variables");
        }
        catch (GatewayException exception) when (exception.Field == Path)
        {
            var field = JsonBody.Optional(body.Root, TextVariable) is null ? "prompt" : TextVariable;
            throw new GatewayException(exception.Error, exception.Message.Replace(Path, field, StringComparison.Ordinal), field, exception);
        }
    }

    private static string TextOf(JsonBody body)
    {
        var (prompt, text) = (JsonBody.Optional(body.Root, "prompt"u8), JsonBody.Optional(body.Root, TextVariable));
        if (prompt is not null && text is not null)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "prompt is there beside text; expected one of them.", "prompt");
        }

        var given = body.NonEmptyText(text ?? prompt ?? throw body.Missing(body.Root, "text"u8, "the text to summarize, as text or prompt"));
        return JsonBody.Optional(body.Root, "context"u8) is { } context && body.Text(context) is { Length: > 0 } before ? $"Context:\n{before}\n\n{given}" : given;
    }

    // The text is a variable like others.
    private static JsonElement WithText(JsonBody body, string text)
    {
        Dictionary<string, JsonElement> values = [];
        if (JsonBody.Optional(body.Root, "variables"u8) is { } variables)
        {
            foreach (var member in body.Object(variables, "an object of names and values").EnumerateObject())
            {
                values[member.Name] = member.Name == TextVariable ? throw body.Invalid(member.Value, "the text beside variables, as text or prompt") : member.Value;
            }
        }

        values[TextVariable] = JsonSerializer.SerializeToElement(text, ReplyContext.Default.String);
        return JsonSerializer.SerializeToElement(values, ReplyContext.Default.DictionaryStringJsonElement);
    }
}
