using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LlmOps.Gateway.Guardrails;

/// <summary>
/// The long texts of prompts in which nothing was found of late: what an application says each time, and what a conversation sends
/// again with each turn, is looked at once. None of them is kept, but 64 bits of its hash, under seeds that nobody is told, so that
/// no text can be made to pass for another. Of one configuration, as its rules are; safe for concurrent use.
/// </summary>
internal sealed class CleanTexts
{
    /// <summary>Shorter ones, in UTF-16 units, are looked at nearly as soon as they are looked up.</summary>
    public const int Shortest = 256;

    // 256 KiB. A text takes the place of another whose hash begins as its own.
    private const int Places = 1 << PlaceBits;
    private const int PlaceBits = 15;

    private readonly ulong[] _places = new ulong[Places];

    /// <summary>What stands for a text under a policy; null where it is too short. Each tenant has its own, so that none can find out, by the time an answer takes, what another has asked.</summary>
    /// <param name="text">The text.</param>
    /// <param name="policy">What it is looked at by.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="mayInstruct">Whether it is looked at as one that may try to give instructions.</param>
    public static ulong? MarkOf(string text, GuardrailPolicy policy, string tenant, bool mayInstruct)
    {
        if (text.Length < Shortest)
        {
            return null;
        }

        var seed = policy.Seed ^ (((long)tenant.GetHashCode() << 1) | (mayInstruct ? 1L : 0));

        // 0 is the place that is free.
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), seed) | 1;
    }

    /// <summary>Seeds for <see cref="MarkOf"/>.</summary>
    public static long NewSeed() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Whether nothing was found in a text, as far as is still known.</summary>
    public bool Contains(ulong mark) => Volatile.Read(ref _places[Place(mark)]) == mark;

    /// <summary>Nothing was found in a text.</summary>
    public void Add(ulong mark) => Volatile.Write(ref _places[Place(mark)], mark);

    private static int Place(ulong mark) => (int)(mark >> (64 - PlaceBits));
}
