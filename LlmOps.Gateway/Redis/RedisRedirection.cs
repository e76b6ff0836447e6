using System.Globalization;

namespace LlmOps.Gateway.Redis;

/// <summary>What a node of a cluster says of a key that it does not have.</summary>
/// <param name="Slot">The key's slot.</param>
/// <param name="Address">The node that has it.</param>
/// <param name="IsAsk">Whether this holds for this one call: the slot is on its way there.</param>
internal readonly record struct RedisRedirection(int Slot, RedisAddress Address, bool IsAsk)
{
    /// <summary>Reads <c>MOVED 3999 host:port</c> or <c>ASK …</c>; null where the answer is no redirection.</summary>
    public static RedisRedirection? From(RedisReply reply, string ownHost)
    {
        if (!reply.IsError || reply.ErrorCode is not ("MOVED" or "ASK"))
        {
            return null;
        }

        var words = reply.ErrorText.Split(' ');
        return words.Length >= 3 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < RedisSlots.Count
            && RedisAddress.ParseRedirection(words[2], ownHost) is { } address
            ? new RedisRedirection(slot, address, words[0] == "ASK")
            : null;
    }
}
