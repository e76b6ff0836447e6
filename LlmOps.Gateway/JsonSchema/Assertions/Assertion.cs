using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>What a keyword, or a few that belong together, demand of a value.</summary>
internal abstract class Assertion
{
    /// <summary>The subschemas it applies to the value itself, not to what is in it.</summary>
    public virtual IEnumerable<SchemaNode> InPlace => [];

    /// <summary>Whether it holds; tells its faults. It holds for values of a type that it says nothing about.</summary>
    public abstract bool Check(JsonElement value, Validation run);
}
