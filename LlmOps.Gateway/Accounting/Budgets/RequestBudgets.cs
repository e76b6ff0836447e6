using System.Globalization;
using System.Runtime.CompilerServices;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>Holds requests to the budgets of their tenant, team, user and key.</summary>
internal sealed class RequestBudgets
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly IBudgetCounters _counters;
    private readonly UsageLedger _ledger;
    private readonly BudgetWarnings _warnings;
    private readonly TimeProvider _time;
    private readonly Func<GatewayRequest, NanoUsd, ValueTask<GatewayException?>> _extend;

    // The period that each budget is in now; found by the holder itself, of which there is one while nobody changes it.
    private readonly ConditionalWeakTable<Holder, BudgetCounter> _now = [];

    public RequestBudgets(IBudgetCounters counters, UsageLedger ledger, BudgetWarnings warnings, TimeProvider time)
    {
        (_counters, _ledger, _warnings, _time) = (counters, ledger, warnings, time);
        ledger.Recorded += counters.Recorded;
        ledger.Heard = counters.HeardAsync;
        _extend = ExtendAsync;
    }

    /// <summary>Holds the most that a request can cost; nothing for one without a budget.</summary>
    /// <exception cref="GatewayException">A budget has not enough left, no target has a price, or what was spent is not known now.</exception>
    public ValueTask ReserveAsync(GatewayRequest request)
    {
        var (holders, count) = (request.Principal.Holders, 0);
        for (var index = 0; index < holders.Count; index++)
        {
            count += holders[index].Budget is null ? 0 : 1;
        }

        return count == 0 ? ValueTask.CompletedTask : ReserveAllAsync(request, SharesOf(request, holders, count));
    }

    /// <summary>The request is over: what it took is spent, and the rest no longer held.</summary>
    public void Settle(GatewayRequest request)
    {
        if (request.Reservation is not { IsSettled: false } reservation)
        {
            return;
        }

        // What has no price counts nothing; it was refused unless the settings allow it.
        var actual = new NanoUsd(request.Committed);
        _counters.Settle(reservation, actual);
        (reservation.IsSettled, reservation.Amount) = (true, actual);
        _warnings.Look(reservation);
    }

    private BudgetShare[] SharesOf(GatewayRequest request, IReadOnlyList<Holder> holders, int count)
    {
        var shares = new BudgetShare[count];
        for (var index = holders.Count - 1; index >= 0; index--)
        {
            if (holders[index] is { Budget: { } budget } holder)
            {
                shares[--count] = new BudgetShare(CounterOf(holder, budget, request.Day), budget.Amount);
            }
        }

        return shares;
    }

    private async ValueTask ReserveAllAsync(GatewayRequest request, BudgetShare[] shares)
    {
        var calls = BoundOf(request);
        var reservation = new BudgetReservation(request.Id, shares, calls) { Extend = _extend };
        if (_counters.OutlivesProcess)
        {
            // Whatever is held for it from here on, the journal's next reader gives back.
            _ledger.Begin(EntryOf(request, reservation, new NanoUsd(0)));
        }

        if (await TryReserveAsync(reservation, calls) is { } refusal)
        {
            if (reservation.MayBeHeld)
            {
                (reservation.IsSettled, request.Reservation) = (true, reservation);
            }
            else if (_counters.OutlivesProcess)
            {
                // It never began: an answer of 429 must not cost more than one of 200.
                _ledger.Forget(request.Id);
            }

            throw refusal;
        }

        request.Reservation = reservation;
        _ledger.Begin(EntryOf(request, reservation, calls));
    }

    private async ValueTask<GatewayException?> ExtendAsync(GatewayRequest request, NanoUsd total)
    {
        var reservation = request.Reservation!;
        if (reservation.IsSettled)
        {
            return new GatewayException(ErrorCode.InsufficientQuota, "The request is over, and its budgets hold nothing more for it.");
        }

        var refusal = await TryReserveAsync(reservation, total);
        if (refusal is null)
        {
            _ledger.Begin(EntryOf(request, reservation, total));
        }

        return refusal;
    }

    private async ValueTask<GatewayException?> TryReserveAsync(BudgetReservation reservation, NanoUsd amount)
    {
        try
        {
            if (await _counters.ReserveAsync(reservation, amount) is not { } full)
            {
                return null;
            }

            _warnings.Refused(full);
            return Refusal(full, amount);
        }
        catch (DatabaseException exception)
        {
            return new GatewayException(ErrorCode.BudgetUnavailable, "What was spent of a budget of this request cannot be read from the database now.", innerException: exception) { RetryAfter = Soon };
        }
        catch (GatewayException exception) when (exception.Error == ErrorCode.BudgetUnavailable)
        {
            return exception;
        }
    }

    private GatewayException Refusal(BudgetShare full, NanoUsd amount)
    {
        var counter = full.Counter;
        var until = counter.Until;
        var period = counter.Period switch
        {
            BudgetPeriod.Day => "a day",
            BudgetPeriod.Month => "a month",
            _ => "in total",
        };
        var next = until is { } end ? string.Create(CultureInfo.InvariantCulture, $" It begins anew at {end:yyyy-MM-dd HH:mm} UTC.") : "";
        return new GatewayException(
            ErrorCode.InsufficientQuota,
            $"The budget of {counter.Kind.ToString().ToLowerInvariant()} '{Shown.Short(counter.Name)}', {full.Limit} USD {period}, has {full.Left} USD left; this request may take {amount} USD.{next}")
        {
            RetryAfter = until - _time.GetUtcNow() is { } wait ? wait > Soon ? wait : Soon : null,
        };
    }

    /// <summary>The most that the calls of a request cost which may be on their way at once: one to the dearest target; of a model that hedges, to the two dearest. Null where no target has a price.</summary>
    public static NanoUsd? MostAtOnce(GatewayRequest request)
    {
        var route = request.Route!;
        var (most, second, priced) = (0L, 0L, false);
        foreach (var target in route.Targets)
        {
            if (target.Pricing.Bound(request) is { } bound)
            {
                (most, second, priced) = bound.Value > most ? (bound.Value, most, true) : (most, Math.Max(second, bound.Value), true);
            }
        }

        return priced ? new NanoUsd(route.Hedging is null ? most : BudgetReservation.Sum(most, second)) : null;
    }

    private static NanoUsd BoundOf(GatewayRequest request) =>
        MostAtOnce(request) ?? (request.AllowsUnpriced ? new NanoUsd(0) : throw Unpriced(request.Route!.Target));

    /// <summary>Why somebody with a budget may not ask a target whose price is not known.</summary>
    public static GatewayException Unpriced(Target target) => new(
        ErrorCode.ModelUnpriced,
        $"The price of model '{Shown.Short(target.Model)}' at provider '{target.Provider}' is not known, so that no budget can pay for it: give it one in the file of Gateway:Accounting:PriceFile, or set Gateway:Accounting:AllowUnpriced.",
        "model");

    private BudgetCounter CounterOf(Holder holder, Budget budget, DateOnly day)
    {
        var from = BudgetCounter.FirstDay(budget.Period, day);
        if (_now.TryGetValue(holder, out var known) && known.From == from)
        {
            return known;
        }

        var counter = new BudgetCounter(holder.Kind, holder.Name, budget.Period, from);
        _now.AddOrUpdate(holder, counter);
        return counter;
    }

    private LedgerEntry EntryOf(GatewayRequest request, BudgetReservation reservation, NanoUsd amount) =>
        LedgerEntry.Begun(request, _time.GetElapsedTime(request.StartedAt), amount, reservation.Counters);
}
