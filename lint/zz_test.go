package lint
import ("testing";"fmt";"github.com/istio-egress/istio-egress/internal/sample";"github.com/istio-egress/istio-egress/render")
func TestZZ(t *testing.T){
 chart,_:=render.Load()
 for _,n:=range []int{7000,10500}{
 vals:=sample.Values(n)
 r:=&loadedRelease{values:vals}
 r.entries=readEntries(r)
 for _,w:=range []int{50,100,250,500,1000,2000,n}{
  v,c:=sampleValues(r,w)
  res,err:=chart.Render(v,render.Options{})
  if err!=nil{t.Fatal(err)}
  s:=storedSize(v,res.Manifest())
  fmt.Println(n,w,c,s,float64(s)/float64(c), len(res.Manifest())/c)
 }
 res,_:=chart.Render(vals,render.Options{}); s:=storedSize(vals,res.Manifest()); fmt.Println(n,"real",s,float64(s)/float64(n))
 }
}
