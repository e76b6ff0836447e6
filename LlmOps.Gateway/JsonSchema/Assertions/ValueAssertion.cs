using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>An assertion without subschemas: it holds, or there is one thing to say.</summary>
internal abstract class ValueAssertion : Assertion
{
    public sealed override bool Check(JsonElement value, Validation run) =>
        Holds(value, run) || (run.Reports && run.Fail(Told(value)));

    /// <summary>Whether it holds.</summary>
    protected abstract bool Holds(JsonElement value, Validation run);

    /// <summary>What was found and what was expected, where it does not hold.</summary>
    protected abstract string Told(JsonElement value);
}
