using System.Numerics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>Gives each of some known hashes a place of its own, so that one look tells whether another is one of them.</summary>
internal sealed class PerfectHash
{
    private readonly uint[] _seeds;
    private readonly int _seedShift;
    private readonly int _slotShift;

    /// <summary>Finds the places; the hashes must be different.</summary>
    public PerfectHash(IReadOnlyCollection<ulong> hashes)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(hashes.Count, 1)) * 2;
        (_seeds, _seedShift) = (new uint[size / 2], 64 - BitOperations.Log2(size / 2));
        (Size, _slotShift) = ((int)size, 32 - BitOperations.Log2(size));
        var taken = new HashSet<int>();

        // The most crowded first, while there is much room.
        foreach (var group in hashes.GroupBy(hash => hash >> _seedShift).OrderByDescending(group => group.Count()))
        {
            for (ref var seed = ref _seeds[group.Key]; ; seed++)
            {
                var slots = group.Select(Slot).ToHashSet();
                if (slots.Count == group.Count() && !slots.Overlaps(taken))
                {
                    taken.UnionWith(slots);
                    break;
                }
            }
        }
    }

    /// <summary>How many places there are.</summary>
    public int Size { get; }

    /// <summary>The place of a hash.</summary>
    public int Slot(ulong hash) => (int)(((uint)(hash >> 16) ^ (_seeds[hash >> _seedShift] * 0x85EBCA6B)) * 0x9E3779B1 >> _slotShift);
}
