// Compiles and runs the code blocks of Markdown files. Started by eng/snippets.sh; Document says how blocks are marked.
using System.Diagnostics;
using RonKms.Snippets;

if (args is ["--run", string assembly])
{
    return CSharpSnippet.Run(assembly);
}

bool update = args.Contains("--update");
var files = args.Where(arg => arg != "--update")
    .SelectMany(arg => Directory.Exists(arg) ? Directory.GetFiles(arg, "*.md", SearchOption.AllDirectories) : [arg])
    .Order(StringComparer.Ordinal);

const string Needs = "needs=";
int good = 0;
int bad = 0;
int skipped = 0;
foreach (string file in files)
{
    var document = new Document(file);
    using var scratch = new Scratch();
    bool copied = false;
    int moved = 0;
    var program = new List<Block>();
    (string Command, string? Output) last = ("", "");

    foreach ((int line, string text) in document.FindPlaceholders())
    {
        Console.WriteLine($"{file}:{line}: {text} is still to be filled in");
        bad++;
    }

    foreach (Block block in document.FindBlocks())
    {
        var clock = Stopwatch.StartNew();
        string? problem = block.Language switch
        {
            "csharp" => CheckCSharp(block),
            "bash" => CheckBash(block),
            "text" when block.Comment is { } comment && comment.StartsWith("output of: ", StringComparison.Ordinal)
                => CheckOutput(block, comment["output of: ".Length..].Trim()),
            _ => "",
        };
        if (problem == "")
        {
            continue;
        }
        _ = problem is null ? good++ : bad++;
        Console.WriteLine($"{file}:{block.Line}: {block.Language} {problem ?? "ok"} ({clock.Elapsed.TotalSeconds:F1} s)");
    }

    // Each check answers null when all is well, "" when there is nothing to check, otherwise what is wrong.
    string? CheckCSharp(Block block)
    {
        if (!block.Flags.Contains("continued"))
        {
            program.Clear();
        }
        program.Add(block);
        string path = Path.Combine(scratch.Root, $"snippet{block.Line}.dll");
        string[] errors = CSharpSnippet.Compile(program, path);
        if (errors.Length > 0)
        {
            return "does not compile:\n  " + string.Join("\n  ", errors);
        }
        if (block.Flags.Contains("no-run"))
        {
            return null;
        }
        (int code, string output) = scratch.Run("dotnet", typeof(CSharpSnippet).Assembly.Location, "--run", path);
        return code == 0 ? null : $"ended with {code}:\n{output}";
    }

    string? CheckBash(Block block)
    {
        if (block.Flags.Contains("no-run"))
        {
            return block.Comment is null ? "no-run needs an HTML comment on the line above that says why" : "";
        }
        string? tool = block.Flags.FirstOrDefault(flag => flag.StartsWith(Needs, StringComparison.Ordinal))?[Needs.Length..];
        if (tool is not null && scratch.Run("bash", "-c", $"command -v '{tool}'").ExitCode != 0)
        {
            if (Environment.GetEnvironmentVariable("RONKMS_STRICT") == "1")
            {
                return $"cannot be run: {tool} is not installed";
            }
            Console.WriteLine($"{file}:{block.Line}: bash SKIPPED: {tool} is not installed");
            if (Environment.GetEnvironmentVariable("RONKMS_NOT_RUN") is { Length: > 0 } list)
            {
                File.AppendAllText(list, $"snippets: {file}:{block.Line}: {tool} is not installed\n");
            }
            skipped++;
            last = (block.Text.Trim(), null);
            return "";
        }
        (int code, string output) = RunBash(block.Text);
        return code == 0 ? null : $"ended with {code}:\n{output}";
    }

    string? CheckOutput(Block block, string command)
    {
        // Shown under the block that ran it, the command is not run twice; where it was skipped, there is nothing to compare.
        if (last.Command == command && last.Output is null)
        {
            return "";
        }
        (int code, string output) = last.Command == command ? (0, last.Output!) : RunBash(command);
        if (code != 0)
        {
            return $"'{command}' ended with {code}:\n{output}";
        }
        string[] expected = Mask.Lines(block.Text);
        string[] actual = Mask.Lines(output);
        if (expected.SequenceEqual(actual))
        {
            return null;
        }
        if (update)
        {
            moved += document.Replace(block with { Line = block.Line + moved }, output.TrimEnd());
            return null;
        }
        int at = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"differs from what '{command}' prints, in its line {at + 1} (eng/snippets.sh --update writes the real output here):\n" +
            $"  here:    {expected.ElementAtOrDefault(at)}\n  printed: {actual.ElementAtOrDefault(at)}";
    }

    (int ExitCode, string Output) RunBash(string text)
    {
        if (!copied)
        {
            scratch.CopyRepository();
            copied = true;
        }
        (int code, string output) = scratch.Run("bash", "-euo", "pipefail", "-c", text);
        output = output.Replace(scratch.Root, "~/ronkms", StringComparison.Ordinal);
        last = (text.Trim(), output);
        return (code, output);
    }
}

Console.WriteLine($"{good} blocks hold, {bad} do not{(skipped > 0 ? $", {skipped} were SKIPPED" : "")}");
return bad == 0 ? 0 : 1;
