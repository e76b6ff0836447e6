using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>
/// Which variant a unit sees: a matter of its name and the experiment's salt alone, so that it is the same in every process and
/// after every start. Whether it takes part is decided apart from which variant it sees, so that a share that grows moves nobody.
/// </summary>
/// <param name="Place">Where the unit lies among all, from 0 to below 1: it takes part where that is below the share.</param>
/// <param name="Draw">Which variant it sees, from 0 to below 1, by the sums of their weights.</param>
/// <param name="Id">16 hexadecimal digits that stand for the unit in the ledger.</param>
internal readonly record struct Assignment(double Place, double Draw, string Id)
{
    private const int IdBytes = 8;

    /// <summary>The assignment of a unit.</summary>
    /// <param name="salt">The experiment's.</param>
    /// <param name="unit">What stands for it.</param>
    public static Assignment Of(string salt, string unit)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\0{unit}"), hash);
        return new Assignment(Fraction(hash), Fraction(hash[8..]), Convert.ToHexStringLower(hash.Slice(16, IdBytes)));
    }

    /// <summary>The variant that it sees.</summary>
    /// <param name="weights">The variants' weights, each above 0.</param>
    /// <returns>Its index.</returns>
    public int Choose(IReadOnlyList<double> weights)
    {
        var left = Draw * weights.Sum();
        for (var index = 0; index < weights.Count - 1; index++)
        {
            left -= weights[index];
            if (left < 0)
            {
                return index;
            }
        }

        return weights.Count - 1;
    }

    // 53 bits, as many as a double tells apart.
    private static double Fraction(ReadOnlySpan<byte> bytes) => (BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 11) * (1.0 / (1UL << 53));
}
