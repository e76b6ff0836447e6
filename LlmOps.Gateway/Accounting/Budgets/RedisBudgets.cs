using System.Collections.Concurrent;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// The counters that all replicas share, in Redis. What becomes of requests is told to Redis behind the answers
/// (<see cref="HeldAmountsTelling"/>); where Redis is away, nothing is reserved, or each replica goes on by itself.
/// </summary>
internal sealed partial class RedisBudgets(IRedis redis, HeldAmounts held, HeldAmountsTelling telling, SpentInLedger spent, Func<BudgetsWithoutRedis> without, ILogger<RedisBudgets> logger) : IBudgetCounters
{
    private const int MostTries = 8;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<BudgetCounter, Task> _loading = new();

    // What this replica counts by itself while Redis is away; null while it is not.
    private MemoryBudgets? _own;

    /// <inheritdoc/>
    public bool OutlivesProcess => true;

    /// <inheritdoc/>
    public async ValueTask<BudgetShare?> ReserveAsync(BudgetReservation reservation, NanoUsd amount)
    {
        if (held.IsFull && reservation.Amount.Value == 0)
        {
            throw Unavailable("The ledger's database has taken nothing for too long.", Soon);
        }

        var own = held.Of(reservation);
        try
        {
            if (Volatile.Read(ref _own) is not null)
            {
                // Redis may be back, and must know first what was taken meanwhile.
                await telling.TellAsync(look: true);
            }

            var full = await TakeAsync(reservation, own, amount);
            if (full is not null)
            {
                Undo(reservation, own, isKnown: true);
            }

            Interlocked.Exchange(ref _own, null);
            return full;
        }
        catch (RedisException exception) when (without() == BudgetsWithoutRedis.PerReplica)
        {
            return await TakeOwnAsync(reservation, own, amount, exception);
        }
        catch (RedisException exception)
        {
            Undo(reservation, own, isKnown: !exception.MayHaveRun);
            throw Unavailable("Redis, which counts budgets, cannot be asked.", Soon, exception);
        }
        catch (Exception exception) when (exception is GatewayException or DatabaseException)
        {
            Undo(reservation, own, isKnown: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Settle(BudgetReservation reservation, NanoUsd actual)
    {
        var own = held.Of(reservation);
        if (own.IsOwn)
        {
            Volatile.Read(ref _own)?.Settle(reservation, actual);
        }

        held.Settle(own, actual.Value);
    }

    /// <inheritdoc/>
    public void Recorded(IReadOnlyList<LedgerEntry> entries) => held.Record(entries);

    /// <inheritdoc/>
    public Task HeardAsync() => telling.HeardAsync();

    private void Undo(BudgetReservation reservation, HeldAmount own, bool isKnown) => reservation.MayBeHeld = !held.Undo(own, isKnown);

    private async Task<BudgetShare?> TakeAsync(BudgetReservation reservation, HeldAmount own, NanoUsd amount)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var epoch = await telling.EpochAsync();
            var answer = await redis.EvaluateAsync(RedisBudgetScripts.Reserve, KeysOf(reservation), ArgumentsOf(reservation, amount, epoch));
            switch (answer.Items[0].Text)
            {
                case "taken":
                    lock (own)
                    {
                        own.Hold(amount.Value);
                    }

                    if (!telling.IsEpoch(epoch))
                    {
                        // Redis has lost it since, and is asked anew.
                        break;
                    }

                    for (var index = 0; index < reservation.Shares.Length; index++)
                    {
                        (reservation.Shares[index].Others, reservation.Shares[index].Spent) = (answer.Items[(index * 2) + 1].Integer, answer.Items[(index * 2) + 2].Integer);
                    }

                    reservation.Amount = amount;
                    return null;
                case "refused":
                    var full = reservation.Shares[(int)answer.Items[1].Integer];
                    (full.Others, full.Spent) = (answer.Items[2].Integer, answer.Items[3].Integer);
                    return full;
                case "base":
                    await LoadAsync(reservation.Shares[(int)answer.Items[1].Integer].Counter, epoch);
                    break;
                case "wait":
                    throw Unavailable("Redis has come back without what it knew of budgets; the replicas are telling it.", TimeSpan.FromMilliseconds(answer.Items[1].Integer));
                default:
                    telling.EpochIsOver(epoch);
                    break;
            }
        }

        throw Unavailable("What was spent of a budget changes too fast to be read.", Soon);
    }

    // Requests that need the same counter wait for the same answer.
    private async Task LoadAsync(BudgetCounter counter, string epoch)
    {
        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var loading = _loading.GetOrAdd(counter, own.Task);
        if (loading != own.Task)
        {
            await loading;
            return;
        }

        try
        {
            await ReadAsync(counter, epoch);
            own.SetResult();
        }
        catch (Exception exception)
        {
            own.SetException(exception);

            // Where nobody else waits nobody looks at it.
            _ = own.Task.Exception;
            throw;
        }
        finally
        {
            _loading.TryRemove(counter, out _);
        }
    }

    private async Task ReadAsync(BudgetCounter counter, string epoch)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var seen = await redis.EvaluateAsync(RedisBudgetScripts.Look, [BudgetKeys.Epoch, BudgetKeys.Of(counter)], [epoch]);
            if (seen.Kind is RedisReplyKind.BulkString or RedisReplyKind.SimpleString)
            {
                return;
            }

            var (version, ids) = FieldsOf(seen);
            var before = await spent(counter, ids);
            var answer = await redis.EvaluateAsync(
                RedisBudgetScripts.Load, [BudgetKeys.Epoch, BudgetKeys.Of(counter)], [epoch, before.Value, version, BudgetKeys.ForgottenAt(counter)]);
            if (answer.Text != "again")
            {
                return;
            }
        }
    }

    private static (long Version, List<Guid> Ids) FieldsOf(RedisReply all)
    {
        var (version, ids) = (0L, new List<Guid>());
        var fields = all.Items;
        for (var index = 0; index + 1 < fields.Length; index += 2)
        {
            var name = fields[index].Text;
            if (name == "version")
            {
                version = fields[index + 1].Integer;
            }
            else if (Guid.TryParse(name, out var id))
            {
                ids.Add(id);
            }
        }

        return (version, ids);
    }

    private async Task<BudgetShare?> TakeOwnAsync(BudgetReservation reservation, HeldAmount own, NanoUsd amount, RedisException cause)
    {
        var counters = Volatile.Read(ref _own);
        if (counters is null)
        {
            counters = new MemoryBudgets(async (counter, _) => new NanoUsd(await held.SumAsync(counter, spent)));
            if (Interlocked.CompareExchange(ref _own, counters, null) is { } other)
            {
                counters = other;
            }
            else
            {
                LogOwn(cause.Why);
            }
        }

        var isFirst = reservation.Amount.Value == 0;
        var isTaken = false;
        try
        {
            var full = await counters.ReserveAsync(reservation, amount);
            isTaken = full is null;
            if (isTaken)
            {
                // Not before: of counters that could not be read there is nothing to settle.
                own.IsOwn = true;
                own.BeganOwn |= isFirst;
                held.HoldOwn(own, amount.Value);
            }

            return full;
        }
        finally
        {
            if (!isTaken)
            {
                Undo(reservation, own, isKnown: !cause.MayHaveRun);
            }
        }
    }

    private static RedisArgument[] KeysOf(BudgetReservation reservation)
    {
        var keys = new RedisArgument[reservation.Shares.Length + 1];
        keys[0] = BudgetKeys.Epoch;
        for (var index = 1; index < keys.Length; index++)
        {
            keys[index] = BudgetKeys.Of(reservation.Shares[index - 1].Counter);
        }

        return keys;
    }

    private static RedisArgument[] ArgumentsOf(BudgetReservation reservation, NanoUsd amount, string epoch) =>
        [epoch, reservation.Id.ToString(), amount.Value, .. reservation.Shares.SelectMany(share => new RedisArgument[] { share.Limit.Value, BudgetKeys.ForgottenAt(share.Counter) })];

    private static GatewayException Unavailable(string why, TimeSpan after, Exception? cause = null) =>
        new(ErrorCode.BudgetUnavailable, $"What is left of the budgets of this request is not known now. {why}", innerException: cause) { RetryAfter = after > Soon ? after : Soon };

    [LoggerMessage(LogLevel.Warning, "Redis cannot be asked for budgets ({Why}); this replica counts them by itself until it is back.")]
    private partial void LogOwn(string why);
}

/// <summary>The counters' keys in Redis, all of one hash slot.</summary>
internal static class BudgetKeys
{
    /// <summary>Says whether Redis is the one that it was.</summary>
    public const string Epoch = "{llmops:budgets}:epoch";

    // Late records find it, and whoever wants to know how a period ended.
    private static readonly TimeSpan KeptAfter = TimeSpan.FromDays(7);

    /// <summary>A counter's.</summary>
    public static string Of(BudgetCounter counter) => $"{{llmops:budgets}}:{counter.Id}";

    /// <summary>When it may be forgotten, in Unix seconds; 0 for never.</summary>
    public static long ForgottenAt(BudgetCounter counter) => counter.Until is { } until ? (until + KeptAfter).ToUnixTimeSeconds() : 0;
}
