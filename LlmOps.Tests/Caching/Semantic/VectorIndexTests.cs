using LlmOps.Gateway.Caching.Semantic.Local;

namespace LlmOps.Tests.Caching.Semantic;

public sealed class VectorIndexTests
{
    private const int Dimensions = 48;
    private const int Neighbours = 10;

    private readonly VectorIndex<Item> _index = new(Dimensions);
    private readonly ClusteredVectors _vectors = new(Dimensions, clusters: 200, seed: 1);
    private readonly Queue<Item> _items = new();

    [Fact]
    public void FewVectors_AreAllCompared()
    {
        Add(500);

        Recall(50).ShouldBe(1);
        _index.Unlinked.ShouldBe(0);
    }

    [Fact]
    public void ManyVectors_AreFoundThroughTheGraph()
    {
        Add(VectorIndex<Item>.GraphFrom + 1500);
        _index.Unlinked.ShouldBe(_index.Count);

        _index.Link(2, CancellationToken.None);

        _index.Unlinked.ShouldBe(0);
        Recall(200).ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Fact]
    public void VectorsThatAreNotLinkedYet_AreFoundBesideTheOthers()
    {
        Add(VectorIndex<Item>.GraphFrom + 1);
        _index.Link(1, CancellationToken.None);
        Add(500);

        _index.Unlinked.ShouldBe(500);
        Recall(100).ShouldBeGreaterThanOrEqualTo(0.98);
        _items.TakeLast(500).ShouldAllBe(item => _index.Search(item.Vector, 1)[0].Item == item);
    }

    [Fact]
    public void AfterAllSlotsWereUsedAgainTwice_VectorsAreFoundAsBefore()
    {
        const int count = VectorIndex<Item>.GraphFrom + 1000;
        Add(count);
        _index.Link(2, CancellationToken.None);

        for (var turn = 0; turn < 2 * count; turn++)
        {
            _index.Remove(_items.Dequeue().Slot);
            Add(1);
            _index.Link(1, CancellationToken.None);
        }

        _index.Slots.ShouldBe(count);
        Recall(200).ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Fact]
    public void RemovedVectors_AreNotFoundButLeadOn()
    {
        Add(VectorIndex<Item>.GraphFrom + 1000);
        _index.Link(2, CancellationToken.None);
        var removed = new HashSet<Item>();
        for (var count = _items.Count / 2; count > 0; count--)
        {
            removed.Add(_items.Dequeue());
        }

        foreach (var item in removed)
        {
            _index.Remove(item.Slot);
        }

        removed.ShouldAllBe(item => !_index.Search(item.Vector, Neighbours, -1).Exists(match => removed.Contains(match.Item)));
        Recall(200).ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Fact]
    public void WhereAllWereRemoved_NewOnesAreFound()
    {
        Add(VectorIndex<Item>.GraphFrom + 1);
        _index.Link(2, CancellationToken.None);
        while (_items.TryDequeue(out var item))
        {
            _index.Remove(item.Slot);
        }

        _index.Count.ShouldBe(0);
        _index.Search(_vectors.Next(), Neighbours).ShouldBeEmpty();
        for (var count = 0; count < 300; count++)
        {
            Add(1);
            _index.Link(1, CancellationToken.None);
        }

        _items.ShouldAllBe(item => _index.Search(item.Vector, 1)[0].Item == item);
    }

    [Fact]
    public void EqualVectors_DoNotHideTheOthers()
    {
        var same = _vectors.Next();
        for (var count = 0; count < 1000; count++)
        {
            Add(same);
        }

        Add(VectorIndex<Item>.GraphFrom);
        _index.Link(2, CancellationToken.None);

        _items.Skip(1000).Count(item => _index.Search(item.Vector, 1)[0].Item == item).ShouldBeGreaterThanOrEqualTo(VectorIndex<Item>.GraphFrom * 99 / 100);
        _index.Search(same, Neighbours, 0.999f).Count.ShouldBe(Neighbours);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(VectorIndex<Item>.GraphFrom + 100)]
    public void Matches_AreTheNearestFirst_AboveTheThreshold_UpToTheLimit(int count)
    {
        Add(count);
        _index.Link(1, CancellationToken.None);
        var query = _vectors.Near(_items.Peek().Vector);

        var all = _index.Search(query, Neighbours);
        var near = _index.Search(query, Neighbours, all[2].Similarity);
        var one = _index.Search(query, 1);

        all.Select(match => match.Similarity).ShouldBeInOrder(SortDirection.Descending);
        all[0].Item.ShouldBe(_items.Peek());
        all[0].Similarity.ShouldBe(System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(query, _items.Peek().Vector), 1e-5);
        near.Count.ShouldBe(3);
        one.ShouldHaveSingleItem().ShouldBe(all[0]);
    }

    [Fact]
    public void WhatIsFound_BelongsToTheVectorItWasFoundBy_WhileOthersAddRemoveAndLink()
    {
        const int count = VectorIndex<Item>.GraphFrom + 200;
        Add(count);
        _index.Link(2, CancellationToken.None);
        var queries = Enumerable.Range(0, 50).Select(_ => _vectors.Next()).ToList();
        using var over = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var searches = 0;
            for (; !over.IsCancellationRequested || searches < queries.Count; searches++)
            {
                var query = queries[searches % queries.Count];
                var matches = _index.Search(query, Neighbours);
                matches.Count.ShouldBe(Neighbours);
                matches.Select(match => match.Item).ShouldBeUnique();
                matches.ShouldAllBe(match => match.Similarity == VectorSlots.Similarity(query, match.Item.Vector));
            }
        })).ToList();
        var linker = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                _index.Link(2, over.Token);
            }
        });

        for (var turn = 0; turn < 3000; turn++)
        {
            _index.Remove(_items.Dequeue().Slot);
            Add(1);
        }

        over.Cancel();
        Should.NotThrow(() => Task.WhenAll([.. readers, linker]));
        _index.Link(2, CancellationToken.None);
        Recall(100).ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Fact]
    public void Compacted_HasTheSameItemsInFewerSlots()
    {
        Add(2000);
        while (_items.Count > 100)
        {
            _index.Remove(_items.Dequeue().Slot);
        }

        var compact = _index.Compact((item, slot) => item.Slot = slot);

        (compact.Count, compact.Slots).ShouldBe((100, 100));
        compact.Bytes.ShouldBeLessThan(_index.Bytes / 10);
        _items.ShouldAllBe(item => compact.Search(item.Vector, 1)[0].Item == item);
        compact.Remove(_items.Peek().Slot);
        compact.Search(_items.Peek().Vector, 1)[0].Item.ShouldNotBe(_items.Peek());
    }

    [Fact]
    public void Bytes_AreThoseOfVectorsAndLinks()
    {
        Add(1);
        _index.Bytes.ShouldBeLessThan(1000);

        Add((5 * VectorSlots.ChunkSlots) - 1);
        _index.Link(2, CancellationToken.None);

        (_index.Bytes / (double)_index.Count).ShouldBe(VectorIndex<Item>.BytesPerItem(Dimensions), 20);
    }

    private void Add(int count)
    {
        while (count-- > 0)
        {
            Add(_vectors.Next());
        }
    }

    private void Add(float[] vector)
    {
        var item = new Item(vector);
        item.Slot = _index.Add(item, vector);
        _items.Enqueue(item);
    }

    /// <summary>The share of true neighbours among those found; as near as one of them counts as one of them.</summary>
    private double Recall(int queries)
    {
        var items = _items.ToList();
        var found = 0;
        for (var number = 0; number < queries; number++)
        {
            var query = number % 2 == 0 ? _vectors.Next() : _vectors.Near(items[number * items.Count / queries].Vector);
            var least = items.Select(item => VectorSlots.Similarity(query, item.Vector)).OrderDescending().ElementAt(Neighbours - 1);
            found += _index.Search(query, Neighbours).Count(match => match.Similarity >= least);
        }

        return found / (double)(queries * Neighbours);
    }

    private sealed class Item(float[] vector)
    {
        public float[] Vector => vector;

        public int Slot { get; set; }
    }
}
