namespace LlmOps.Tests.Contracts;

/// <summary>A test that needs a published spec; it is skipped where the spec is missing.</summary>
internal sealed class ContractFactAttribute : FactAttribute
{
    /// <param name="file">A file name of <see cref="ContractFolder"/>.</param>
    public ContractFactAttribute(string file)
    {
        if (ContractFolder.Find(file) is null)
        {
            Skip = $"{ContractFolder.Variable} names no folder with {file}.";
        }
    }
}
