using System.Reflection;
using System.Xml.Linq;

namespace RonKms.Tests.Architecture;

/// <summary>The diagrams of docs/diagrams say what the code does. The layers are in <see cref="LayerTests"/>.</summary>
public sealed class DiagramTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    [Fact]
    public void Packages_refer_to_what_their_projects_refer_to()
    {
        IEnumerable<(string, string)> references =
            from project in Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
                .Append(Repository.PathOf("tests", "RonKms.Testing", "RonKms.Testing.csproj"))
            from reference in XDocument.Load(project).Descendants("ProjectReference")
            select (Path.GetFileNameWithoutExtension(project), Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        string text = File.ReadAllText(Repository.PathOf("docs", "diagrams", "layers.mmd"));

        IEnumerable<(string, string)> drawn = Diagram.Read("layers").Arrows
            .Where(arrow => text.Contains($"{arrow.From}[\"RonKms.{arrow.From}<br/>", StringComparison.Ordinal)).Select(arrow => ($"RonKms.{arrow.From}", arrow.To));

        Assert.Equal(references.Order(), drawn.Order());
    }

    [Theory]
    [InlineData("create")]
    [InlineData("sign")]
    [InlineData("commit")]
    public void Sequences_name_types_and_methods_that_there_are(string name)
    {
        Diagram diagram = Diagram.Read(name);
        Dictionary<string, Type> types = typeof(Keystore).Assembly.GetTypes()
            .Where(type => diagram.Participants.Contains(type.Name)).ToDictionary(type => type.Name);

        Assert.Equal(diagram.Participants.Order(), types.Keys.Order());
        Assert.NotEmpty(diagram.Calls);
        Assert.All(diagram.Calls, call => Assert.Contains(types[call.To].GetMethods(All), method => method.Name == call.Method));
    }

    [Fact]
    public void Key_states_change_as_drawn_and_in_no_other_way()
    {
        using Keystore keystore = Keystore.InMemory();
        (string Name, Action<KeyId> Make)[] changes = [("Disable", keystore.Disable), ("Enable", keystore.Enable), ("Destroy", keystore.Destroy)];
        KeyId NewKey() => keystore.Create("test", "states", KeyAlgorithm.HmacSha256);
        KeyId[] fresh = [NewKey(), keystore.Import("test", "states", KeyAlgorithm.HmacSha256, new byte[32]), keystore.Rotate(NewKey())];
        HashSet<string> seen = [];
        foreach (KeyId key in fresh)
        {
            seen.Add($"[*] --> {keystore.Get(key).State}: Create, Import, Rotate");
        }

        foreach (KeyState before in Enum.GetValues<KeyState>())
        {
            foreach ((string name, Action<KeyId> make) in changes)
            {
                KeyId key = NewKey();
                if (before != KeyState.Enabled)
                {
                    changes.Single(change => change.Name == (before == KeyState.Disabled ? "Disable" : "Destroy")).Make(key);
                }

                Exception? refusal = Record.Exception(() => make(key));
                KeyState after = keystore.Get(key).State;

                Assert.True(refusal is null or KmsException { Error: KmsError.KeyDestroyed });
                if (after != before)
                {
                    seen.Add($"{before} --> {after}: {name}");
                }
            }
        }

        // Deeper than two spaces is what follows from time and from later versions.
        Assert.Equal(seen.Order(), Diagram.Read("states").LabelledArrows.Where(arrow => arrow.Depth == 2).Select(arrow => $"{arrow.From} --> {arrow.To}: {arrow.Label}").Order());
    }
}
