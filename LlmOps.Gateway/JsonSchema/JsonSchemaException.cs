namespace LlmOps.Gateway.JsonSchema;

/// <summary>A schema cannot be used: it is not valid, or asks for what is not supported.</summary>
internal sealed class JsonSchemaException(string location, string fault, Exception? innerException = null)
    : Exception($"The JSON schema at {location} {fault}", innerException)
{
    /// <summary>The place in the schema as a URI fragment with a JSON pointer, such as <c>#/properties/name/pattern</c>.</summary>
    public string Location { get; } = location;

    /// <summary>What is wrong there and what was expected, without the place.</summary>
    public string Fault { get; } = fault;
}
