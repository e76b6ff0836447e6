using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Checks and types the messages of OpenAI's form.</summary>
internal static class ChatMessageParser
{
    private const string Roles = "system, developer, user, assistant, tool or function";
    private const string Parts = "text, image_url, input_audio, file or refusal";
    private const string Content = "a string or a list of content parts";

    /// <summary>The conversation.</summary>
    /// <exception cref="Errors.GatewayException">400, with the field and what was expected.</exception>
    public static List<ChatMessage> Parse(JsonBody body, JsonElement messages)
    {
        if (body.Array(messages, "a list of messages").GetArrayLength() == 0)
        {
            throw body.Invalid(messages, "at least one message");
        }

        var conversation = new List<ChatMessage>(messages.GetArrayLength());
        var callIds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in messages.EnumerateArray())
        {
            conversation.Add(ParseMessage(body, body.Object(message, "a message: an object with role and content"), callIds));
        }

        return conversation;
    }

    private static ChatMessage ParseMessage(JsonBody body, JsonElement message, HashSet<string> callIds)
    {
        var roleValue = body.Required(message, "role"u8, Roles);
        var role = body.Text(roleValue, Roles);
        var typed = role switch
        {
            "system" => new ChatMessage(ChatRole.System, RequiredContent(body, message)),
            "developer" => new ChatMessage(new ChatRole("developer"), RequiredContent(body, message)),
            "user" => new ChatMessage(ChatRole.User, RequiredContent(body, message)),
            "assistant" => new ChatMessage(ChatRole.Assistant, Assistant(body, message, callIds)),
            "tool" => new ChatMessage(ChatRole.Tool, [ToolResult(body, message, callIds)]),

            // OpenAI's deprecated form of a tool's result: by name instead of by id.
            "function" => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(
                body.NonEmptyText(body.Required(message, "name"u8, "the function's name")),
                Joined(body, body.Required(message, "content"u8, Content)))]),
            _ => throw body.Invalid(roleValue, Roles),
        };
        if (JsonBody.Optional(message, "name"u8) is { } name)
        {
            typed.AuthorName = body.Text(name);
        }

        // A mark on a message is one on its last content.
        if (typed.Contents.Count > 0)
        {
            Cached(typed.Contents[^1], message);
        }

        return typed;
    }

    private static List<AIContent> RequiredContent(JsonBody body, JsonElement message) =>
        Contents(body, body.Required(message, "content"u8, Content));

    private static List<AIContent> Assistant(JsonBody body, JsonElement message, HashSet<string> callIds)
    {
        var contents = JsonBody.Optional(message, "content"u8) is { } content ? Contents(body, content) : [];
        var calls = JsonBody.Optional(message, "tool_calls"u8);
        if (calls is { } list)
        {
            foreach (var call in body.Array(list, "a list of tool calls").EnumerateArray())
            {
                var typed = ToolCall(body, call);
                callIds.Add(typed.CallId);
                contents.Add(typed);
            }
        }

        if (JsonBody.Optional(message, "function_call"u8) is { } legacy)
        {
            contents.Add(Function(body, body.Object(legacy), id: null));
        }

        AddExtensions(body, message, contents);

        // An answer may consist of nothing but a refusal or audio.
        if (contents.Count == 0 && JsonBody.Optional(message, "content"u8) is null
            && JsonBody.Optional(message, "refusal"u8) is null && JsonBody.Optional(message, "audio"u8) is null && calls is null)
        {
            _ = body.Required(message, "content"u8, Content + ", or tool_calls");
        }

        return contents;
    }

    // What an answer carried besides its content, and comes back with it.
    private static void AddExtensions(JsonBody body, JsonElement message, List<AIContent> contents)
    {
        if ((JsonBody.Optional(message, "reasoning_content"u8) ?? JsonBody.Optional(message, "reasoning"u8)) is { ValueKind: JsonValueKind.String } reasoning)
        {
            contents.Insert(0, new TextReasoningContent(body.Text(reasoning)));
        }

        if (JsonBody.Optional(message, "refusal"u8) is { } refusal && body.Text(refusal) is { Length: > 0 } words)
        {
            contents.Add(new ErrorContent(words) { ErrorCode = OpenAIContent.RefusalCode });
        }

        // In another form these are some vendor's own, and travel in the caller's bytes; translations refuse them.
        if (JsonBody.Optional(message, MessageExtension.ThinkingBlocks) is { } blocks && RequestSearch.IsThinkingBlocks(blocks))
        {
            contents.Add(new MessageExtension(MessageExtension.ThinkingBlocks, blocks));
        }

        if (JsonBody.Optional(message, MessageExtension.ExtraContent) is { ValueKind: JsonValueKind.Object } extra)
        {
            contents.Add(new MessageExtension(MessageExtension.ExtraContent, extra));
        }

        if (JsonBody.Optional(message, "images"u8) is { } images && RequestSearch.IsImageParts(images))
        {
            contents.AddRange(images.EnumerateArray().Select(image => Part(body, image)));
        }
    }

    private static FunctionCallContent ToolCall(JsonBody body, JsonElement call)
    {
        body.Object(call, "a tool call: an object with id and function");
        var id = body.NonEmptyText(body.Required(call, "id"u8, "the call's id"));
        if (JsonBody.Optional(call, "custom"u8) is { } custom)
        {
            return OpenAIContent.ReadToolCall(id, body.NonEmptyText(body.Required(body.Object(custom), "name"u8, "the tool's name")), "");
        }

        var typed = Function(body, body.Object(body.Required(call, "function"u8, "an object with name and arguments")), id);
        if (WireJson.Text(WireJson.Member(WireJson.Member(call, MessageExtension.ExtraContent), "google"), MessageProperties.ThoughtSignature) is { } signature)
        {
            (typed.AdditionalProperties ??= [])[MessageProperties.ThoughtSignature] = signature;
        }

        return typed;
    }

    private static FunctionCallContent Function(JsonBody body, JsonElement function, string? id)
    {
        var name = body.NonEmptyText(body.Required(function, "name"u8, "the function's name"));
        return OpenAIContent.ReadToolCall(id ?? name, name, body.Text(body.Required(function, "arguments"u8, "the arguments as a JSON string")));
    }

    private static FunctionResultContent ToolResult(JsonBody body, JsonElement message, HashSet<string> callIds)
    {
        const string Expected = "the id of a tool call in an assistant message before";
        var idValue = body.Required(message, "tool_call_id"u8, Expected);
        var id = body.Text(idValue, Expected);
        if (!callIds.Contains(id))
        {
            throw body.Invalid(idValue, Expected);
        }

        var content = body.Required(message, "content"u8, Content);
        var result = new FunctionResultContent(id, Joined(body, content));
        foreach (var part in WireJson.Items(content))
        {
            // Its parts become one text, at whose end a mark holds for all of it.
            Cached(result, part);
        }

        return result;
    }

    private static string Joined(JsonBody body, JsonElement content) =>
        string.Concat(Contents(body, content).OfType<TextContent>().Select(text => text.Text));

    private static List<AIContent> Contents(JsonBody body, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return [new TextContent(body.Text(content))];
        }

        var contents = new List<AIContent>();
        if (body.Array(content, Content).GetArrayLength() == 0)
        {
            throw body.Invalid(content, "at least one content part");
        }

        foreach (var part in content.EnumerateArray())
        {
            contents.Add(Cached(Part(body, body.Object(part, "a content part: an object with a type")), part));
        }

        return contents;
    }

    private static AIContent Cached(AIContent content, JsonElement json)
    {
        if (JsonBody.Optional(json, MessageProperties.CacheControl) is { } cacheControl)
        {
            (content.AdditionalProperties ??= [])[MessageProperties.CacheControl] = cacheControl;
        }

        return content;
    }

    private static AIContent Part(JsonBody body, JsonElement part)
    {
        var type = body.Required(part, "type"u8, Parts);
        return body.Text(type, Parts) switch
        {
            "text" => new TextContent(body.Text(body.Required(part, "text"u8, "a string"))),
            "image_url" => Image(body, body.Object(body.Required(part, "image_url"u8, "an object with a url"), "an object with a url")),
            "refusal" => new ErrorContent(body.Text(body.Required(part, "refusal"u8, "a string"))) { ErrorCode = OpenAIContent.RefusalCode },
            "input_audio" => Audio(body, body.Object(body.Required(part, "input_audio"u8, "an object with data and format"))),
            "file" => File(body, body.Object(body.Required(part, "file"u8, "an object with file_id or file_data"))),
            _ => throw body.Invalid(type, Parts),
        };
    }

    private static AIContent Image(JsonBody body, JsonElement image)
    {
        const string Expected = "an http(s) address or a data: URI of an image";
        var urlValue = body.Required(image, "url"u8, Expected);
        var url = body.Text(urlValue, Expected);
        AIContent content;
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            content = Data(body, urlValue, url, Expected);
        }
        else
        {
            content = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? new UriContent(uri, "image/*")
                : throw body.Invalid(urlValue, Expected);
        }

        if (JsonBody.Optional(image, "detail"u8) is { } detail)
        {
            (content.AdditionalProperties ??= [])[MessageProperties.ImageDetail] = body.Text(detail);
        }

        return content;
    }

    private static DataContent Data(JsonBody body, JsonElement value, string uri, string expected)
    {
        try
        {
            return new DataContent(uri);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw body.Invalid(value, expected);
        }
    }

    private static DataContent Audio(JsonBody body, JsonElement audio)
    {
        const string Expected = "audio in base64";
        var format = body.NonEmptyText(body.Required(audio, "format"u8, "wav or mp3"));
        var data = body.Required(audio, "data"u8, Expected);
        return Data(body, data, $"data:audio/{format};base64,{body.Text(data, Expected)}", Expected);
    }

    private static AIContent File(JsonBody body, JsonElement file)
    {
        if (JsonBody.Optional(file, "file_id"u8) is { } id)
        {
            return new HostedFileContent(body.NonEmptyText(id));
        }

        var data = body.Required(file, "file_data"u8, "file_id or file_data");
        var text = body.Text(data);
        if (!text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            // Some vendors take an address or bare base64 here; it is theirs to judge.
            return new AIContent();
        }

        var content = Data(body, data, text, "a data: URI");
        content.Name = JsonBody.Optional(file, "filename"u8) is { } name ? body.Text(name) : null;
        return content;
    }
}
