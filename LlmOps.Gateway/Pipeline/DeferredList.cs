using System.Collections;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// A list that is made when somebody first looks into it. What is passed on as bytes is checked at once, but has its typed
/// form, with a string for every text, only where a stage wants it. For one request, so for one thread at a time.
/// </summary>
/// <param name="make">Makes the list; it cannot fail, for nobody expects it to then.</param>
internal sealed class DeferredList<T>(Func<List<T>> make) : IList<T>, IReadOnlyList<T>
{
    private List<T>? _items;

    /// <inheritdoc cref="ICollection{T}.Count"/>
    public int Count => Items.Count;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    private List<T> Items => _items ??= make();

    /// <inheritdoc cref="IList{T}.this"/>
    public T this[int index]
    {
        get => Items[index];
        set => Items[index] = value;
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => Items.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Add(T item) => Items.Add(item);

    /// <inheritdoc/>
    public void Clear() => Items.Clear();

    /// <inheritdoc/>
    public bool Contains(T item) => Items.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(T[] array, int arrayIndex) => Items.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public int IndexOf(T item) => Items.IndexOf(item);

    /// <inheritdoc/>
    public void Insert(int index, T item) => Items.Insert(index, item);

    /// <inheritdoc/>
    public bool Remove(T item) => Items.Remove(item);

    /// <inheritdoc/>
    public void RemoveAt(int index) => Items.RemoveAt(index);
}
