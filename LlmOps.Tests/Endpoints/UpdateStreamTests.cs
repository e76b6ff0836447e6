using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using LlmOps.Gateway.Endpoints;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Endpoints;

/// <summary>How updates go out: at once, together where they came together, and no faster than the caller reads.</summary>
public sealed class UpdateStreamTests
{
    private readonly Channel<ChatResponseUpdate> _provider = Channel.CreateUnbounded<ChatResponseUpdate>();

    [Fact]
    public async Task UpdatesThatCameTogether_GoTogether_AndNoneWaitsForTheNext()
    {
        var pipe = new Pipe();
        Send("one ", "two ");
        await using var updates = await BegunAsync(_provider.Reader.ReadAllAsync());

        var writing = WriteAllAsync(pipe.Writer, updates);

        (await ReadAsync(pipe.Reader)).ShouldBe("one two ");
        Send("three ");
        (await ReadAsync(pipe.Reader)).ShouldBe("three ");
        _provider.Writer.Complete();
        await writing;
    }

    [Fact]
    public async Task CallerWhoDoesNotRead_HoldsTheProviderBack()
    {
        const int Size = 1000;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var taken = 0;
        async IAsyncEnumerable<ChatResponseUpdate> Endless()
        {
            while (taken < 1000)
            {
                taken++;
                yield return Update(new string('x', Size));
            }

            await Task.CompletedTask;
        }

        await using var updates = await BegunAsync(Endless());

        var writing = WriteAllAsync(pipe.Writer, updates);

        writing.IsCompleted.ShouldBeFalse();
        taken.ShouldBeInRange(64, 128);
        while (!writing.IsCompleted && await pipe.Reader.ReadAsync() is { Buffer: { IsEmpty: false } there })
        {
            pipe.Reader.AdvanceTo(there.End);
        }

        await writing;
        taken.ShouldBe(1000);
    }

    private static async Task WriteAllAsync(PipeWriter output, IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        await output.WriteAllAsync(updates, update => Encoding.UTF8.GetBytes(update.Text, output));
        await output.CompleteAsync();
    }

    private static async Task<IAsyncEnumerator<ChatResponseUpdate>> BegunAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var begun = updates.GetAsyncEnumerator();
        (await begun.MoveNextAsync()).ShouldBeTrue();
        return begun;
    }

    private static async Task<string> ReadAsync(PipeReader reader)
    {
        var read = await reader.ReadAsync();
        var text = Encoding.UTF8.GetString(read.Buffer);
        reader.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static ChatResponseUpdate Update(string text) => new(ChatRole.Assistant, text);

    private void Send(params string[] texts)
    {
        foreach (var text in texts)
        {
            _provider.Writer.TryWrite(Update(text)).ShouldBeTrue();
        }
    }
}
