namespace LlmOps.Gateway.JsonSchema;

/// <summary>Where a value does not fit its schema, and why.</summary>
/// <param name="Path">The place in the value, such as <c>$.items[0].name</c>.</param>
/// <param name="Message">What was found and what was expected, such as <c>is a number, expected a string</c>; of the value it tells numbers and property names, so it is for who may see the value, not for logs.</param>
internal sealed record SchemaFault(string Path, string Message)
{
    /// <summary>The place and what is wrong there, in one sentence.</summary>
    public override string ToString() => $"{Path} {Message}";
}
