using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>Reads prompts/NAME/vN.yaml.</summary>
internal static class VersionFile
{
    private const int HashBytes = 16;

    private static readonly string[] Fields = ["name", "version", "description", "model", "parameters", "tools", "variables", "system", "user", "messages"];

    /// <summary>Reads one.</summary>
    /// <param name="prompt">The name of its folder.</param>
    /// <param name="number">The version that its name says.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="PromptFileException">It is no prompt, or another one; with the line.</exception>
    public static PromptVersion Read(string prompt, int number, string text) => YamlText.Read(text, yaml =>
    {
        var (body, root) = (yaml.Body, yaml.Body.Root);
        body.RefuseUnknown(root, Fields);
        Expect(body, "name"u8, prompt, "the name of its folder");
        Expect(body, "version"u8, VersionName.Of(number), "the name of the file");
        var messages = ReadMessages(yaml);
        var version = new PromptVersion
        {
            Prompt = prompt,
            Number = number,
            Description = Text(body, root, "description"),
            Model = Text(body, root, "model"),
            Parameters = ReadParameters(body),
            Tools = ReadTools(body),
            Variables = ReadVariables(body, messages),
            Messages = messages,
            ContentHash = "",
        };
        return version with { ContentHash = HashOf(version) };
    });

    // Providers pass over the one without the other, or refuse every request.
    private static PromptParameters ReadParameters(JsonBody body)
    {
        var parameters = PromptParameters.Read(body, body.Root);
        return !parameters.Json.ContainsKey("tools") && parameters.Json.Keys.FirstOrDefault(name => name is "tool_choice" or "parallel_tool_calls") is { } alone
            ? throw new GatewayException(ErrorCode.InvalidValue, $"parameters.{alone} is there without tools; expected it beside them.", $"parameters.{alone}")
            : parameters;
    }

    private static IReadOnlyList<string> ReadTools(JsonBody body) => JsonBody.Optional(body.Root, "tools"u8) is { } tools && body.Array(tools, "a list of names of tools").GetArrayLength() > 0
        ? [.. tools.EnumerateArray().Select(name => ToolName.IsPattern(body.NonEmptyText(name)) ? name.GetString()! : throw body.Invalid(name, ToolName.PatternForm))]
        : [];

    private static void Expect(JsonBody body, ReadOnlySpan<byte> field, string expected, string what)
    {
        var value = body.Required(body.Root, field, $"{expected}, {what}");
        if (value.ValueKind != JsonValueKind.String || value.GetString() != expected)
        {
            throw body.Invalid(value, $"{expected}, {what}");
        }
    }

    private static List<PromptMessage> ReadMessages(YamlText yaml)
    {
        var (body, root) = (yaml.Body, yaml.Body.Root);
        if (JsonBody.Optional(root, "messages"u8) is { } list)
        {
            if (JsonBody.Optional(root, "system"u8) is not null || JsonBody.Optional(root, "user"u8) is not null)
            {
                throw new GatewayException(ErrorCode.InvalidValue, "messages is there beside system or user; expected one or the other.", "messages");
            }

            return body.Array(list, "a list of messages").GetArrayLength() > 0
                ? [.. list.EnumerateArray().Select(message => ReadMessage(yaml, body.Object(message, "a message: role and content")))]
                : throw body.Invalid(list, "a list of messages");
        }

        List<PromptMessage> messages = [];
        if (JsonBody.Optional(root, "system"u8) is { } system)
        {
            messages.Add(new PromptMessage(ChatRole.System, Template(yaml, system)));
        }

        messages.Add(new PromptMessage(ChatRole.User, Template(yaml, body.Required(root, "user"u8, "what the user says, or messages"))));
        return messages;
    }

    private static PromptMessage ReadMessage(YamlText yaml, JsonElement message)
    {
        const string Expected = "system, user or assistant";
        var body = yaml.Body;
        body.RefuseUnknown(message, "role", "content");
        var role = body.Required(message, "role"u8, Expected);
        var content = body.Required(message, "content"u8, "what is said");
        return new PromptMessage(
            body.Text(role, Expected) switch
            {
                "system" => ChatRole.System,
                "user" => ChatRole.User,
                "assistant" => ChatRole.Assistant,
                _ => throw body.Invalid(role, Expected),
            },
            Template(yaml, content));
    }

    private static PromptTemplate Template(YamlText yaml, JsonElement value)
    {
        var text = yaml.Body.NonEmptyText(value);
        try
        {
            return PromptTemplate.Parse(text);
        }
        catch (PromptTemplateException exception)
        {
            throw new PromptFileException(yaml.LineOf(yaml.Body.PathOf(value), text.AsSpan(0, exception.Position).Count('\n')), exception.Message);
        }
    }

    private static List<PromptVariable> ReadVariables(JsonBody body, List<PromptMessage> messages)
    {
        List<string> used = [.. messages.SelectMany(message => message.Content.Names).Distinct()];
        if (JsonBody.Optional(body.Root, "variables"u8) is not { } list)
        {
            return [.. used.Select(name => new PromptVariable(name, null, null, null))];
        }

        List<PromptVariable> declared = [];
        foreach (var item in body.Array(list, "a list of variables").EnumerateArray())
        {
            var variable = ReadVariable(body, body.Object(item, "a variable: name, description, required, default, max_length"));
            var isTwice = declared.Exists(other => other.Name == variable.Name);
            if (isTwice || !used.Contains(variable.Name))
            {
                throw new GatewayException(ErrorCode.InvalidValue, isTwice ? $"{variable.Name} is declared twice." : $"{variable.Name} is declared, but not used; expected {{{{{variable.Name}}}}} in a message.", body.PathOf(item));
            }

            declared.Add(variable);
        }

        return used.Find(name => !declared.Exists(variable => variable.Name == name)) is { } missing
            ? throw new GatewayException(ErrorCode.InvalidValue, $"{missing} is used, but not declared; expected it among variables.", "variables")
            : declared;
    }

    private static PromptVariable ReadVariable(JsonBody body, JsonElement item)
    {
        body.RefuseUnknown(item, "name", "description", "required", "default", "max_length");
        var name = body.Required(item, "name"u8, "the variable's name");
        if (!PromptTemplate.IsName(body.Text(name)))
        {
            throw body.Invalid(name, PromptTemplate.NameForm);
        }

        bool? required = JsonBody.Optional(item, "required"u8) is { } flag ? body.Boolean(flag) : null;
        var preset = JsonBody.Optional(item, "default"u8) is { } value ? VariableValue.Of(value) ?? throw body.Invalid(value, "a text") : null;
        int? most = JsonBody.Optional(item, "max_length"u8) is { } length ? (int)body.Integer(length, 1, int.MaxValue) : null;
        if (required == true && preset is not null)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "required is true beside a default; expected one or the other.", body.PathOf(item));
        }

        return preset?.Length > most
            ? throw new GatewayException(ErrorCode.InvalidValue, $"default has {preset.Length} characters; expected at most max_length.", body.PathOf(item))
            : new PromptVariable(name.GetString()!, Text(body, item, "description"), preset ?? (required == false ? "" : null), most);
    }

    private static string? Text(JsonBody body, JsonElement parent, string name) => JsonBody.Optional(parent, name) is { } value ? body.NonEmptyText(value) : null;

    private static string HashOf(PromptVersion version)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("model", version.Model);
            json.WriteStartObject("parameters");
            foreach (var (name, value) in version.Parameters.Json.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
            if (version.Tools.Count > 0)
            {
                // Only where there are some: versions from before there were tools keep their hash.
                json.WriteStartArray("tools");
                foreach (var tool in version.Tools)
                {
                    json.WriteStringValue(tool);
                }

                json.WriteEndArray();
            }

            json.WriteStartArray("variables");
            foreach (var variable in version.Variables)
            {
                json.WriteStringValue(variable.Name);
                json.WriteStringValue(variable.Default);
                json.WriteNumberValue(variable.MaxLength ?? 0);
            }

            json.WriteEndArray();
            json.WriteStartArray("messages");
            foreach (var message in version.Messages)
            {
                json.WriteStringValue(message.Role.Value);
                json.WriteStringValue(message.Content.Source);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan).AsSpan(0, HashBytes));
    }
}
