namespace LlmOps.Gateway.Redis;

/// <summary>Slots of a cluster in a row, and the node that has them.</summary>
/// <param name="First">The first slot.</param>
/// <param name="Last">The last one.</param>
/// <param name="Address">Where their primary is.</param>
internal readonly record struct RedisSlotRange(int First, int Last, RedisAddress Address)
{
    /// <summary>Reads what CLUSTER SLOTS says: [first slot, last slot, [host, port, …] of the primary, replicas …], …</summary>
    /// <param name="reply">What it says.</param>
    /// <param name="ownHost">The host that was asked, where a node names none.</param>
    /// <exception cref="RedisException">It is something else.</exception>
    public static List<RedisSlotRange> AllOf(RedisReply reply, string ownHost)
    {
        var ranges = new List<RedisSlotRange>();
        foreach (var range in reply.Items)
        {
            if (range.Items.Length < 3 || range.Items[2].Items is not [var host, var port, ..])
            {
                throw RedisException.Unexpected(reply.Kind, "a map of slots");
            }

            var (first, last) = (range.Items[0].Integer, range.Items[1].Integer);
            if (first < 0 || last < first || last >= RedisSlots.Count || port.Integer is <= 0 or > ushort.MaxValue)
            {
                throw RedisException.Unexpected(reply.Kind, "a map of slots");
            }

            var name = host.IsNull || host.Text is "" or "?" ? ownHost : host.Text;
            ranges.Add(new RedisSlotRange((int)first, (int)last, new RedisAddress(name, (int)port.Integer)));
        }

        return ranges;
    }
}
