//! The gatherer: a script that asks an instance for everything that a comparison needs.
//!
//! Owns [`script`]: direct-mode ObjectScript for `iris session INSTANCE -U %SYS` (H7.2) that writes one
//! configuration document and leaves nothing else behind. `form` turns a value as the API states it into
//! JSON, `section` asks for the objects of a section, `mapping`, `database`, `task` and `member` for what
//! is not asked for by a list and a `Get`; which properties there are comes from their declarations.
//!
//! A session reads one command line after the other and goes on after an error (H7.2), so what is needed
//! more than once stands in the variables `x(...)` and is executed by name, and `z` says why nothing more
//! can be written. A section that cannot be asked for is recorded as not gathered, with the product's own
//! words, and the next one follows.
//! Invariant: it calls nothing that changes the instance, and writes no property that is not declared.

mod database;
mod form;
mod mapping;
mod member;
mod section;
mod task;

use crate::model::FORMAT_VERSION;
use crate::script::lines::Lines;

/// What the script gathers beyond the usual, and where it writes.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// E-mail addresses and telephone numbers too.
    pub personal_data: bool,
    /// Values of all task settings, which may be secrets.
    pub task_settings: bool,
    /// The file that it writes, which must not exist; without one, the script makes a folder of its own
    /// and a file in it.
    pub file: Option<String>,
    /// Where that folder is made; without it, in the instance's manager folder.
    pub folder: Option<String>,
}

/// What the last line begins with where a whole file was written; the file's name follows.
pub const GATHERED: &str = "hsmirror: gathered ";
/// What the last line begins with where none was; the reason follows.
pub const STOPPED: &str = "hsmirror: stopped: ";
/// The name of the file in a folder that the script makes.
pub const FILE: &str = "configuration.json";

/// The script.
pub fn script(wishes: &Wishes) -> String {
    let mut lines = Lines::default();
    lines.line("set $namespace=\"%SYS\"");
    lines.line("kill x,c,p,o,ns set (z,file,folder)=\"\",coverage=[],(n,made)=0");
    lines.line("if $namespace'=\"%SYS\" { set z=\"this session cannot go to %SYS\" }");
    place(&mut lines, wishes);
    form::conversions(&mut lines);
    section::frame(&mut lines);
    lines.line(&format!(
        "set head=\"{{\"\"formatVersion\"\":\"\"{FORMAT_VERSION}\"\"\" xecute x(\"head\")"
    ));
    section::listed(&mut lines, wishes);
    database::gather(&mut lines, wishes);
    mapping::gather(&mut lines, wishes);
    task::gather(&mut lines, wishes);
    member::gather(&mut lines, wishes);
    end(&mut lines);
    lines.finished()
}

/// Makes the file, which nobody else may read from its first letter on.
fn place(lines: &mut Lines, wishes: &Wishes) {
    match (&wishes.file, &wishes.folder) {
        (Some(file), _) => lines.text("file", file),
        (None, folder) => {
            match folder {
                Some(folder) => lines.text("folder", folder),
                None => lines.line(
                    "try { set folder=$SYSTEM.Util.ManagerDirectory() } catch e { set z=e.DisplayString() }",
                ),
            }
            lines.line(
                "try { set folder=##class(%Library.File).NormalizeDirectory(folder)_\"hsmirror-\"_$zdate(\
                 $horolog,8)_\"-\"_$piece($horolog,\",\",2)_\"-\"_$random(1000000) } catch e { set z=e.DisplayString() }",
            );
            lines.line(
                "if z=\"\" { try { if '##class(%Library.File).CreateDirectory(folder) { set z=\"the folder \"_folder\
                 _\" cannot be made\" } elseif $SYSTEM.Version.GetOS()'=\"Windows\" { if \
                 '##class(%Library.File).SetAttributes(folder,448) { set z=\"the rights of \"_folder_\" cannot \
                 be narrowed\" } } } catch e { set z=e.DisplayString() } }",
            );
            lines.line(&format!(
                "if z=\"\" {{ set file=##class(%Library.File).NormalizeFilename(\"{FILE}\",folder) }}"
            ));
        }
    }
    lines.line(
        "if z=\"\" { try { if ##class(%Library.File).Exists(file) { set z=\"there is a file \"_file_\" \
         already\" } else { set f=##class(%Library.File).%New(file),s=f.Open(\"WNSK\\UTF8\\\",10),made=1 if \
         $SYSTEM.Status.IsError(s) { set z=file_\" cannot be made: \"_$SYSTEM.Status.GetErrorText(s) } } } \
         catch e { set z=file_\" cannot be made: \"_e.DisplayString() } }",
    );
    // The number of owner's reading and writing; what the product says afterwards is the whole mode.
    lines.line(
        "if z=\"\" { try { if $SYSTEM.Version.GetOS()'=\"Windows\" { if '##class(%Library.File).SetAttributes(file,\
         384) { set z=\"the rights of \"_file_\" cannot be narrowed\" } elseif \
         (##class(%Library.File).Attributes(file)#512)'=384 { set z=\"others can read \"_file } } } catch e { set \
         z=e.DisplayString() } }",
    );
}

/// Closes the file and says what came of it. A file that is not whole is taken away.
fn end(lines: &mut Lines) {
    lines.line(
        "if z=\"\" { try { set s=f.WriteLine(\",\"\"coverage\"\":\"_coverage.%ToJSON()_\"}\") if \
         $SYSTEM.Status.IsError(s) { set z=$SYSTEM.Status.GetErrorText(s) } do f.Close() } catch e { set \
         z=e.DisplayString() } }",
    );
    lines.line(
        "if (z'=\"\")&&made { try { do f.Close() set s=##class(%Library.File).Delete(file) if folder'=\"\" { set \
         s=##class(%Library.File).RemoveDirectory(folder) } } catch e { set z=z_\"; what was written of \"_file_\" \
         is left\" } }",
    );
    lines.line(&format!(
        "write !,$select(z=\"\":\"{GATHERED}\"_file,1:\"{STOPPED}\"_$translate(z,$CHAR(13,10),\"  \")),!"
    ));
    lines.line("do $SYSTEM.Process.Terminate(,$select(z=\"\":0,1:1))");
}
