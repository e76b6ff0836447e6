using System.Text.Json;
using LlmOps.Gateway.JsonSchema.Assertions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>One schema or subschema: all its assertions must hold for a value.</summary>
internal sealed class SchemaNode(string location, IReadOnlyList<Assertion> assertions)
{
    /// <summary>Its place in the document, such as <c>#/properties/name</c>.</summary>
    public string Location => location;

    /// <summary>What its keywords demand.</summary>
    public IReadOnlyList<Assertion> Assertions => assertions;

    /// <summary>Whether it is the schema <c>false</c>, which no value fits.</summary>
    public bool IsFalse => Assertions is [NeverAssertion];

    /// <summary>Whether its <c>type</c> allows the value; true where it has none.</summary>
    public bool AllowsType(JsonElement value) => Assertions.All(assertion => assertion switch
    {
        TypeAssertion type => type.Allows(value),
        ReferenceAssertion reference => reference.Target.AllowsType(value),
        NeverAssertion => false,
        _ => true,
    });
}
