//! What is left to do by hand once the files are in their place.
//!
//! Owns the checklist: mounting, activating, catching up, what to look for and what it means, with the
//! place to click and the line to type (H6.2, H6.3, H6.5), the vendor's follow-ups (H1.3), and when the
//! old database may go. The command line prints it, and `docs/restore.md` shows it.
//! Invariant: every line of ObjectScript calls what is documented, with its status looked at.

use crate::model::objectscript;

/// The checklist, a line each, for the database in a folder.
pub fn afterwards(folder: &str) -> Vec<String> {
    let dir = directory(folder);
    let text = format!(
        r#"Steps by hand, on this member; in the Portal, or in a Terminal in namespace %SYS:

[ ] 1. Mount it.
       System Operation > Databases > HSSYS > Mount, and not read-only.
         set dir={dir}
         set sc=##class(SYS.Database).MountDatabase(dir)
         write $select(sc:"mounted",1:$system.Status.GetErrorText(sc))
[ ] 2. Activate it. Until then Mirror Monitor shows Needs Activation.
       System Operation > Mirror Monitor > HSSYS > Activate.
         set sc=##class(SYS.Mirror).ActivateMirroredDatabase(dir)
         write $select(sc:"activated",1:$system.Status.GetErrorText(sc))
[ ] 3. Catch it up. Until then Mirror Monitor shows Needs Catchup.
       System Operation > Mirror Monitor > HSSYS > Catchup.
         set db=##class(SYS.Database).%OpenId(dir)
         if $isobject(db) set n=##class(SYS.Mirror).CatchupDB($listbuild(db.SFN),,.err)
         zwrite n,err
       1 is: at least one was caught up; what failed is in err.
[ ] 4. Look at Mirror Monitor until HSSYS is Dejournaling (Caught Up).
       If it stays at Needs Catchup, look into messages.log: journals since the
       copy are missing, and HSSYS must be copied and exported again.
[ ] 5. If findings were left that do not block: activate the Foundation
       namespaces again in the Installer Wizard, which may clear them.
       Compare both members again.
[ ] 6. Resume the tasks that were suspended for this.
[ ] 7. Delete the bundle of HSSYS and every copy of it: it holds credentials."#
    );
    text.lines().map(str::to_owned).collect()
}

/// The command that takes the database in a folder out of the mirror on this member.
pub(super) fn out_of_the_mirror(folder: &str) -> String {
    format!("do ##class(SYS.Mirror).RemoveMirroredDatabase({})", directory(folder))
}

/// A folder as ObjectScript takes it: it ends with a slash.
fn directory(folder: &str) -> String {
    objectscript::literal(&format!("{}/", folder.trim_end_matches('/')))
}

/// When the old files, by the names under which they are kept, may go, and the command that goes back until then.
pub fn before_removing(folder: &str, kept: &[String], command: &str) -> Vec<String> {
    let dir = directory(folder);
    let list = match kept {
        [one] => one.clone(),
        [first, .., last] => format!("{first} to {last}"),
        [] => return Vec::new(),
    };
    let text = format!(
        r#"[ ] 8. Keep {list} until HSSYS is Dejournaling and the next
       comparison is as it should be. To go back until then: take HSSYS out of
       the mirror on this member if it was activated
         set dir={dir}
         set sc=##class(SYS.Mirror).RemoveMirroredDatabase(dir)
         write $select(sc:"removed",1:$system.Status.GetErrorText(sc))
       then dismount it, and type
         {command}"#
    );
    text.lines().map(str::to_owned).collect()
}
