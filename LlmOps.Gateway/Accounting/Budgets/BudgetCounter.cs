using System.Globalization;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>What is spent of one budget in one period.</summary>
/// <param name="Kind">Whose budget it is.</param>
/// <param name="Name">The holder's name; of a key its id.</param>
/// <param name="Period">Of what kind the period is.</param>
/// <param name="From">The period's first day, by UTC; of a total budget the first day there is.</param>
internal sealed record BudgetCounter(HolderKind Kind, string Name, BudgetPeriod Period, DateOnly From)
{
    /// <summary>For the counter's key: <c>tenant:acme:day:2026-11-26</c>.</summary>
    public string Id
    {
        get => field ??= string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}:{Name}:{Period.ToString().ToLowerInvariant()}:{From:yyyy-MM-dd}");
        private init;
    }

    /// <summary>When the period is over, and the next one begins; null where it never is.</summary>
    public DateTimeOffset? Until => Period switch
    {
        BudgetPeriod.Day => Start(From.AddDays(1)),
        BudgetPeriod.Month => Start(From.AddMonths(1)),
        _ => null,
    };

    /// <summary>The counter with an id.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static BudgetCounter Parse(string id)
    {
        // A name may have colons.
        var (first, last) = (id.IndexOf(':', StringComparison.Ordinal), id.LastIndexOf(':'));
        var period = last > 0 ? id.LastIndexOf(':', last - 1) : -1;
        return period > first
            && Enum.TryParse<HolderKind>(id.AsSpan(0, first), ignoreCase: true, out var kind)
            && Enum.TryParse<BudgetPeriod>(id.AsSpan(period + 1, last - period - 1), ignoreCase: true, out var length)
            && DateOnly.TryParseExact(id.AsSpan(last + 1), JournalLine.DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            ? new BudgetCounter(kind, id[(first + 1)..period], length, from) { Id = id }
            : throw new FormatException($"'{id}' is no budget's counter.");
    }

    /// <summary>The first day of the period that a day is in.</summary>
    public static DateOnly FirstDay(BudgetPeriod period, DateOnly day) => period switch
    {
        BudgetPeriod.Day => day,
        BudgetPeriod.Month => new DateOnly(day.Year, day.Month, 1),
        _ => DateOnly.MinValue,
    };

    /// <inheritdoc/>
    public bool Equals(BudgetCounter? other) => other is not null && Id == other.Id;

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    private static DateTimeOffset Start(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
