using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Redis;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>
/// Several replicas on one real Redis, whose requests, records, losses and deaths come in any order, always the same for a
/// seed. Never is more given out than there is; in the end all that is counted is what the ledger has.
/// </summary>
public sealed class BudgetSimulationTests
{
    private const int Replicas = 3;
    private const int Steps = 600;

    private static readonly BudgetCounter Tenant = SimulatedLedger.Counter(HolderKind.Tenant, "acme");
    private static readonly BudgetCounter[] Keys = [SimulatedLedger.Counter(HolderKind.Key, "one"), SimulatedLedger.Counter(HolderKind.Key, "two")];

    [RedisTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task WhateverHappens_NothingIsSpentTwice_AndNothingIsLost(int seed)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        var simulation = new Simulation(redis.Client, new Random(seed));
        await simulation.BeginAsync();

        for (var step = 0; step < Steps; step++)
        {
            await simulation.StepAsync();
            simulation.Given(Tenant).ShouldBeLessThanOrEqualTo(Simulation.TenantLimit);
            Keys.ShouldAllBe(key => simulation.Given(key) <= Simulation.KeyLimit);
        }

        await simulation.EndAsync();
        foreach (var counter in Keys.Prepend(Tenant))
        {
            var fields = (await redis.Client.ExecuteAsync("HGETALL", [RedisArgument.Key(BudgetKeys.Of(counter))])).Items.ToArray().Select(field => field.Text).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
            fields["pending"].ShouldBe("0");
            fields["spent"].ShouldBe(simulation.Ledger.Sum(counter).ToString(System.Globalization.CultureInfo.InvariantCulture));
            fields.Keys.Where(name => Guid.TryParse(name, out _)).ShouldBeEmpty();
        }

        simulation.Served.ShouldBeGreaterThan(50);
        simulation.Losses.ShouldBeGreaterThan(2);
        simulation.Deaths.ShouldBeGreaterThan(2);
    }

    private sealed class Simulation(RedisClient redis, Random random)
    {
        public const long TenantLimit = 9_000_000_007;
        public const long KeyLimit = 6_000_000_011;

        private readonly List<Replica> _replicas = [];

        public SimulatedLedger Ledger { get; } = new();

        public int Served { get; private set; }

        public int Losses { get; private set; }

        public int Deaths { get; private set; }

        // What anybody may still be billed for, and what is spent.
        public long Given(BudgetCounter counter) =>
            Ledger.Sum(counter) + _replicas.SelectMany(replica => replica.Journal.Values).Where(entry => entry.Budgets.Contains(counter)).Sum(entry => entry.Amount);

        public Task BeginAsync()
        {
            _replicas.AddRange(Enumerable.Range(0, Replicas).Select(_ => new Replica(redis, Ledger)));
            return LoseAsync();
        }

        public async Task StepAsync()
        {
            var place = random.Next(_replicas.Count);
            var replica = _replicas[place];
            switch (random.Next(100))
            {
                case < 45:
                    await ReserveAsync(replica);
                    break;
                case < 65:
                    Settle(replica);
                    break;
                case < 80:
                    Record(replica, replica, random.Next(1, 6));
                    break;
                case < 94:
                    await replica.Telling.TellAsync(look: random.Next(2) == 0);
                    break;
                case < 97:
                    Deaths++;
                    Die(place);
                    break;
                default:
                    Losses++;
                    await LoseAsync();
                    break;
            }
        }

        public async Task EndAsync()
        {
            foreach (var replica in _replicas)
            {
                while (replica.Journal.Values.Any(entry => !entry.IsOver))
                {
                    Settle(replica);
                }

                Record(replica, replica, int.MaxValue);
                await replica.Telling.TellAsync(look: true);
                replica.Held.Count.ShouldBe(0);
            }

            // Whoever asks next reads what was not read since.
            foreach (var key in Keys)
            {
                var last = SimulatedLedger.Reservation(long.MaxValue / 4, Tenant, key);
                (await _replicas[0].Counters.ReserveAsync(last, new NanoUsd(1))).ShouldBeNull();
                _replicas[0].Counters.Settle(last, new NanoUsd(0));
                _replicas[0].Counters.Recorded([SimulatedLedger.Entry(last.Id, 0, [Tenant, key])]);
                await _replicas[0].Telling.TellAsync(look: false);
            }
        }

        private async Task ReserveAsync(Replica replica)
        {
            // At once, as they come.
            var asked = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (Key: Keys[random.Next(Keys.Length)], Amount: random.NextInt64(1, 400_000_003))).ToList();
            var taken = await Task.WhenAll(asked.Select(async ask =>
            {
                var reservation = new BudgetReservation(
                    Guid.NewGuid(), [new BudgetShare(Tenant, new NanoUsd(TenantLimit)), new BudgetShare(ask.Key, new NanoUsd(KeyLimit))], new NanoUsd(ask.Amount)) { Extend = (_, _) => default };
                return (Line: new Line(reservation, [Tenant, ask.Key]) { Amount = ask.Amount }, Full: await replica.Counters.ReserveAsync(reservation, new NanoUsd(ask.Amount)));
            }));
            foreach (var (line, _) in taken.Where(one => one.Full is null))
            {
                replica.Journal.Add(line.Reservation.Id, line);
                Served++;
            }
        }

        private void Settle(Replica replica)
        {
            if (replica.Journal.Values.Where(line => !line.IsOver).ToList() is { Count: > 0 } open)
            {
                var line = open[random.Next(open.Count)];
                (line.Amount, line.IsOver) = (random.NextInt64(0, line.Amount + 1), true);
                replica.Counters.Settle(line.Reservation, new NanoUsd(line.Amount));
            }
        }

        // The database has it, and then the replica hears of it; of one that died, whoever adopts its journal.
        private void Record(Replica of, Replica by, int most)
        {
            foreach (var line in of.Journal.Values.Where(line => line.IsOver).Take(most).ToList())
            {
                var entry = SimulatedLedger.Entry(line.Reservation.Id, line.Amount, line.Budgets);
                Ledger.Write(entry);
                of.Journal.Remove(line.Reservation.Id);
                by.Counters.Recorded([entry]);
            }
        }

        private void Die(int place)
        {
            var dead = _replicas[place];
            var heir = _replicas[place] = new Replica(redis, Ledger);
            foreach (var line in dead.Journal.Values)
            {
                // One that was not over is recorded at its reservation.
                line.IsOver = true;
            }

            if (random.Next(2) == 0)
            {
                // In the database already, when it died before it could tell.
                foreach (var line in dead.Journal.Values.Take(2))
                {
                    Ledger.Write(SimulatedLedger.Entry(line.Reservation.Id, line.Amount, line.Budgets));
                }
            }

            Record(dead, heir, int.MaxValue);
        }

        // Redis is empty, and who lives says what it holds before anything is given out again.
        private async Task LoseAsync()
        {
            await redis.ExecuteAsync("FLUSHALL", []);
            foreach (var replica in _replicas.OrderBy(_ => random.Next()).ToList())
            {
                await replica.Telling.TellAsync(look: true);
                if (random.Next(3) == 0)
                {
                    var early = SimulatedLedger.Reservation(TenantLimit, Tenant);
                    var refusal = await Should.ThrowAsync<GatewayException>(async () => await replica.Counters.ReserveAsync(early, new NanoUsd(1)));
                    refusal.Error.ShouldBe(ErrorCode.BudgetUnavailable);
                }
            }

            await redis.ExecuteAsync("HDEL", [RedisArgument.Key(BudgetKeys.Epoch), "ready"]);
        }
    }

    private sealed class Replica
    {
        public Replica(RedisClient redis, SimulatedLedger ledger)
        {
            Held = new HeldAmounts();
            Telling = new HeldAmountsTelling(Held, redis, TimeProvider.System, NullLogger<HeldAmountsTelling>.Instance) { Grace = TimeSpan.FromHours(1) };
            Counters = new RedisBudgets(redis, Held, Telling, ledger.SpentAsync, () => BudgetsWithoutRedis.Refuse, NullLogger<RedisBudgets>.Instance);
        }

        public HeldAmounts Held { get; }

        public HeldAmountsTelling Telling { get; }

        public RedisBudgets Counters { get; }

        public Dictionary<Guid, Line> Journal { get; } = [];
    }

    private sealed class Line(BudgetReservation reservation, BudgetCounter[] budgets)
    {
        public BudgetReservation Reservation => reservation;

        public BudgetCounter[] Budgets => budgets;

        public long Amount { get; set; }

        public bool IsOver { get; set; }
    }
}
