using System.Text.Json;
using LlmOps.Gateway.JsonSchema;

namespace LlmOps.Tests.JsonSchema;

/// <summary>Schemas and values as JSON text.</summary>
internal static class SchemaCheck
{
    /// <summary>The faults of a value, each as a sentence.</summary>
    public static string[] Faults(string schema, string value) =>
        [.. Schema.Parse(JsonElement.Parse(schema)).Validate(JsonElement.Parse(value)).Select(fault => fault.ToString())];

    /// <summary>Fails where a value fits and should not, or does not fit and should.</summary>
    public static void Holds(string schema, string value, bool fits) =>
        Faults(schema, value).Length.ShouldBe(fits ? 0 : 1, $"{schema} and {value}");

    /// <summary>The failure of a schema that must be refused.</summary>
    public static JsonSchemaException Refused(string schema) =>
        Should.Throw<JsonSchemaException>(() => Schema.Parse(JsonElement.Parse(schema)), schema);
}
