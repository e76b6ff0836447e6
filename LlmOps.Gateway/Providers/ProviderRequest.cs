using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>What requests to providers have in common.</summary>
internal static class ProviderRequest
{
    /// <summary>Whether a message instructs the model, in either of OpenAI's roles for that.</summary>
    public static bool IsInstruction(this ChatMessage message) => message.Role == ChatRole.System || message.Role.Value == "developer";

    /// <summary>A POST of JSON.</summary>
    public static HttpRequestMessage Post(Uri address, ReadOnlyMemory<byte> json)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(json) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", MediaTypes.Json);
        return request;
    }

    /// <summary>Sets a header, unless there is no value for it.</summary>
    public static HttpRequestMessage With(this HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return request;
    }

    /// <summary>The JSON object whose members <paramref name="write"/> writes.</summary>
    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Writes a number, unless there is none.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    /// <inheritdoc cref="WriteOptional(Utf8JsonWriter, string, float?)"/>
    public static void WriteOptional(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    /// <summary>Writes a list of strings.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a list of strings, unless it is empty.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, IList<string>? values)
    {
        if (values is { Count: > 0 })
        {
            json.WriteTexts(name, values);
        }
    }
}
