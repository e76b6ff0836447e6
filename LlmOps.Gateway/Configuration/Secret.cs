using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Configuration;

/// <summary>A key or password that cannot be printed by accident: its text, JSON and debugger forms are masked.</summary>
[DebuggerDisplay(Mask)]
[JsonConverter(typeof(MaskingConverter))]
internal sealed class Secret(string value)
{
    /// <summary>What every printed form of a secret shows.</summary>
    public const string Mask = "***";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value = value;

    /// <summary>The secret itself, for the one place that sends or compares it.</summary>
    public string Reveal() => _value;

    /// <inheritdoc/>
    public override string ToString() => Mask;

    private sealed class MaskingConverter : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Secrets come from configuration, never from JSON bodies.");

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Mask);
    }
}
