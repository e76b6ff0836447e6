using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Source-generated JSON for single strings.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class StringContext : JsonSerializerContext;
