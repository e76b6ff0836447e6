using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>A span's attributes as a JSON object; read back, numbers without a fraction are longs, others doubles.</summary>
internal sealed class SpanAttributes : JsonConverter<IReadOnlyDictionary<string, object>>
{
    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var attributes = new Dictionary<string, object>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            attributes[name] = ReadValue(ref reader);
        }

        return attributes;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, object> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, attribute) in value)
        {
            writer.WritePropertyName(name);
            Write(writer, attribute);
        }

        writer.WriteEndObject();
    }

    private static object ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return reader.GetBoolean();
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? whole : (object)reader.GetDouble();
            case JsonTokenType.StartArray:
                var texts = new List<string>();
                while (reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    texts.Add(reader.GetString()!);
                }

                return texts.ToArray();
            default:
                return reader.GetString() ?? "";
        }
    }

    private static void Write(Utf8JsonWriter writer, object attribute)
    {
        switch (attribute)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int or long:
                writer.WriteNumberValue(Convert.ToInt64(attribute, null));
                break;
            case float or double:
                writer.WriteNumberValue(Convert.ToDouble(attribute, null));
                break;
            case string[] texts:
                writer.WriteStartArray();
                foreach (var text in texts)
                {
                    writer.WriteStringValue(text);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(attribute.ToString());
                break;
        }
    }
}
