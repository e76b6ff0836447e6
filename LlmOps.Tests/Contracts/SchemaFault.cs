namespace LlmOps.Tests.Contracts;

/// <summary>What is wrong at a path of a body.</summary>
/// <param name="Path">As in <c>messages[0].content</c>; <c>body</c> is the whole.</param>
/// <param name="Text">What is wrong, in words.</param>
/// <param name="OfKind">The value is of another kind: a type, an enum or a const does not hold. Of the forms of a choice, the one with the fewest of these is the one that was meant.</param>
internal readonly record struct SchemaFault(string Path, string Text, bool OfKind = false)
{
    public override string ToString() => $"{Path}: {Text}";
}
